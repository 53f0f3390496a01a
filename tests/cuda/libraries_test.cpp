#include "cuda/libraries.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin::cuda {
namespace {

using keratin::testing::TemporaryFolder;

TEST(Libraries, OpenTheFirstVersionThatIsThere) {
  const OpenLibrary library = open_library({"mathematics", {"libm.so.99", "libm.so.6"}, "a C library"});
  EXPECT_EQ(library.soname, "libm.so.6");
  double (*cosine)(double) = nullptr;
  find(cosine, library, "cos");
  EXPECT_EQ(cosine(0.0), 1.0);
}

TEST(Libraries, SayWhatWasLookedForAndWhereAndWhatToInstall) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> folders{folder.path()};
  EXPECT_THROWS(UnsupportedError, open_library({"NVRTC", {"libnone.so.2", "libnone.so.1"}, "the Toolkit"}, folders),
                "NVRTC: expected libnone.so.2 or libnone.so.1 where the loader looks (LD_LIBRARY_PATH, ldconfig), " +
                    folder.path().string() + ", got none; install the Toolkit or set CUDA_PATH to where it is");
}

TEST(Libraries, SayWhyOneThatIsThereCannotBeOpened) {
  const TemporaryFolder folder;
  folder.write("libnone.so.1", "not a library");
  const std::vector<std::filesystem::path> folders{folder.path()};
  EXPECT_THROWS(UnsupportedError, open_library({"NVRTC", {"libnone.so.1"}, "the Toolkit"}, folders),
                "got none; " + (folder / "libnone.so.1").string() + ": ");
}

TEST(Libraries, SayWhichFunctionIsMissing) {
  const OpenLibrary library = open_library({"mathematics", {"libm.so.6"}, "a C library"});
  EXPECT_THROWS(UnsupportedError, symbol(library, "no_such_function"),
                "libm.so.6: expected the function no_such_function, got a library without it");
}

}  // namespace
}  // namespace keratin::cuda
