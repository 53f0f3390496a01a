#include "cuda/elementwise/cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "cuda/elementwise/embedded_text.h"
#include "cuda/elementwise/program_compiler.h"
#include "stand_in/nvrtc.h"
#include "support/temporary_folder.h"

namespace keratin::cuda {
namespace {

using keratin::testing::TemporaryFolder;

std::vector<std::byte> bytes(std::string_view text) {
  const auto span = bytes_of_text(text);
  return {span.begin(), span.end()};
}

class CodeCacheFile : public ::testing::Test {
 protected:
  CodeCacheFile() { cache_.keep("key", bytes("code")); }
  std::string name() const { return cache_.path_of("key").filename().string(); }
  std::string content() const { return folder_.read(name()); }
  void replace(std::string_view with) const { folder_.write(name(), with); }

  const TemporaryFolder folder_;
  const CodeCache cache_{folder_.path()};
};

TEST_F(CodeCacheFile, GivesBackWhatWasKept) {
  EXPECT_EQ(cache_.find("key"), bytes("code"));
  EXPECT_EQ(CodeCache(folder_.path()).find("key"), bytes("code"));
  EXPECT_EQ(cache_.find("another key"), std::nullopt);
}

TEST_F(CodeCacheFile, IsNotTrustedWhereItIsCutShort) {
  const std::string whole = content();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    replace(whole.substr(0, length));
    EXPECT_EQ(cache_.find("key"), std::nullopt) << length;
  }
  replace(whole + "x");
  EXPECT_EQ(cache_.find("key"), std::nullopt) << "longer than it was";
}

TEST_F(CodeCacheFile, IsNotTrustedWithAFlippedBit) {
  const std::string whole = content();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    replace(broken);
    EXPECT_EQ(cache_.find("key"), std::nullopt) << at;
  }
}

TEST_F(CodeCacheFile, IsNotTrustedIfItIsAnotherKeys) {
  cache_.keep("yek", bytes("other code"));
  replace(folder_.read(cache_.path_of("yek").filename().string()));
  EXPECT_EQ(cache_.find("key"), std::nullopt);
  replace("a foreign file");
  EXPECT_EQ(cache_.find("key"), std::nullopt);
}

TEST_F(CodeCacheFile, IsReplaced) {
  replace("broken");
  cache_.keep("key", bytes("new code"));
  EXPECT_EQ(cache_.find("key"), bytes("new code"));
}

TEST(CodeCache, MakesItsFolder) {
  const TemporaryFolder folder;
  const CodeCache cache(folder / "a" / "b");
  cache.keep("key", bytes("code"));
  EXPECT_EQ(cache.find("key"), bytes("code"));
}

TEST(CodeCache, DoesWithoutAFolderThatCannotBeWritten) {
  const TemporaryFolder folder;
  const CodeCache cache(folder.write("file", "no folder") / "below");  // nobody can, not even root
  EXPECT_NO_THROW(cache.keep("key", bytes("code")));
  EXPECT_EQ(cache.find("key"), std::nullopt);
}

TEST(CodeCache, KeepsNothingWithoutAFolder) {
  const CodeCache cache{std::filesystem::path()};
  cache.keep("key", bytes("code"));
  EXPECT_EQ(cache.find("key"), std::nullopt);
}

TEST(CodeCache, MayBeSharedByProcesses) {
  const TemporaryFolder folder;
  const std::vector<std::byte> code(100'000, std::byte{42});
  const auto work = [&] {
    const CodeCache cache(folder.path());
    for (int i = 0; i < 50; ++i) {
      cache.keep("key", code);
      if (cache.find("key") != code) return 1;
    }
    return 0;
  };
  pid_t children[2] = {};
  for (pid_t& child : children) {
    child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(work());
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(CodeCache(folder.path()).find("key"), code);
}

TEST(CacheFolder, IsWhereItIsAskedToBe) {
  EXPECT_EQ(cache_folder("/some/where"), "/some/where");
  EXPECT_EQ(cache_folder("off"), "");
}

// ---- what is kept there ---------------------------------------------------------------------------------------------

int compiled = 0;  // by the compiler below
nvrtcResult count_and_compile(nvrtcProgram program, int count, const char* const* options) {
  ++compiled;
  return stand_in::host_nvrtc().compile_program(program, count, options);
}
nvrtcResult later_version(int* major, int* minor) {
  *major = 99;
  *minor = 0;
  return NVRTC_SUCCESS;
}

constexpr const char* text = "extern \"C\" __global__ void __launch_bounds__(128) nothing(long long groups) {}\n";

TEST(Toolchain, CompilesWhatTheCacheDoesNotHave) {
  const TemporaryFolder folder;
  Nvrtc functions = stand_in::host_nvrtc();
  functions.compile_program = count_and_compile;
  compiled = 0;
  const auto code = [&](const CodeCache& cache) {
    return Toolchain{functions, version_of(functions), {.architecture = 90}, cache}.code_of(text);
  };
  const CodeCache cache(folder.path());
  const std::vector<std::byte> first = code(cache);
  EXPECT_EQ(code(cache), first);
  EXPECT_EQ(compiled, 1);
  code(CodeCache({}));
  EXPECT_EQ(compiled, 2);
  functions.version = later_version;
  code(cache);
  EXPECT_EQ(compiled, 3) << "code of another version of the compiler was taken";
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) std::filesystem::resize_file(file, 100);
  functions.version = stand_in::host_nvrtc().version;
  EXPECT_NE(stand_in::open_code(code(cache).data()), nullptr);
  EXPECT_EQ(compiled, 4) << "a broken file was taken";
  code(cache);
  EXPECT_EQ(compiled, 4) << "a broken file was not replaced";
}

TEST(ProgramCompiler, GivesNothingWithoutACompilerForTheDevice) {
  const GeneratedKernel generated{"nothing", text, 1, 1};
  const auto missing = []() -> const Nvrtc& { throw UnsupportedError("NVRTC: none"); };
  EXPECT_EQ(ProgramCompiler({}, CodeCache({}), missing).kernel(generated), nullptr);
  EXPECT_EQ(ProgramCompiler({.compute_capability = 70}, CodeCache({}), &stand_in::host_nvrtc).kernel(generated),
            nullptr);
}

TEST(ProgramCompiler, GivesEveryTextOneKernel) {
  ProgramCompiler compiler({}, CodeCache({}), &stand_in::host_nvrtc);
  const auto kernel = compiler.kernel({"nothing", text, 1, 1});
  ASSERT_NE(kernel, nullptr);
  EXPECT_EQ(compiler.kernel({"nothing", text, 2, 1}), kernel);
  EXPECT_NE(compiler.kernel({"nothing", concat(text, "\n"), 1, 1}), kernel);
}

}  // namespace
}  // namespace keratin::cuda
