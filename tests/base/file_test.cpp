// Reading files, and replacing them whole or not at all.
#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "base/bytes.h"
#include "base/scope_guard.h"
#include "keratin/error.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::TemporaryFolder;

std::size_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(File, IsReadWhole) {
  const TemporaryFolder folder;
  const std::string content = std::string(100'000, 'x') + '\0' + "end";
  EXPECT_EQ(read_text(folder.write("a", content)), content);
  EXPECT_EQ(read_file(folder.write("b", "abc")).size(), 3u);
  EXPECT_TRUE(read_file(folder.write("c", "")).empty());
}

TEST(File, IsReadToItsEndEvenIfItsSizeIsToldWrong) {
  EXPECT_THAT(read_text("/proc/self/status"), ::testing::HasSubstr("VmPeak"));  // fstat says 0
}

TEST(File, IsReadPieceByPieceAndAgain) {
  const TemporaryFolder folder;
  InputFile file(folder.write("a", "abcdef"));
  EXPECT_EQ(file.size(), 6u);
  std::array<std::byte, 4> piece{};
  EXPECT_EQ(file.read(piece), 4u);
  EXPECT_EQ(file.read(piece), 2u);
  EXPECT_EQ(file.read(piece), 0u);
  file.rewind();
  EXPECT_EQ(file.read(piece), 4u);
  EXPECT_EQ(piece[0], std::byte{'a'});
}

TEST(File, ThatCannotBeReadIsNamedWithTheReason) {
  const TemporaryFolder folder;
  EXPECT_THROWS(
      DataError, read_file(folder / "missing"),
      (folder / "missing").string() + ": expected a file that can be read, got \"No such file or directory\"");
  EXPECT_THROWS(DataError, read_file(folder.path()), folder.path().string() + ": expected a file, got a folder");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THROWS(DataError, read_file(folder / "pipe"), "expected a file, got something else");
}

TEST(FileReplacement, MakesAndReplacesAFile) {
  const TemporaryFolder folder;
  replace_file(folder / "a", "first");
  EXPECT_EQ(folder.read("a"), "first");
  replace_file(folder / "a", "second, longer");
  EXPECT_EQ(folder.read("a"), "second, longer");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileReplacement, GivesTheFileTheUsualPermissions) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(022);
  const ScopeGuard restore([&] { ::umask(before); });
  replace_file(folder / "a", "x");
  struct stat status = {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0644u);
}

TEST(FileReplacement, MakesMissingFoldersOnlyIfAsked) {
  const TemporaryFolder folder;
  EXPECT_THROWS(
      DataError, replace_file(folder / "x/y/a", "1"),
      (folder / "x/y/a").string() + ": expected a folder that files can be made in, got \"No such file or directory\"");
  replace_file(folder / "x/y/a", "1", {.create_folders = true});
  EXPECT_EQ(folder.read("x/y/a"), "1");
}

TEST(FileReplacement, ShowsNothingBeforeItIsCommitted) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  {
    FileReplacement file(folder / "a");
    file.write(bytes_of_text("new"));
    EXPECT_EQ(folder.read("a"), "old");
  }
  EXPECT_EQ(folder.read("a"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileReplacement, PassesOverTheLeftOverOfAKilledProcess) {
  const TemporaryFolder folder;
  folder.write("a.partial-" + std::to_string(::getpid()) + "-0", "left over");
  replace_file(folder / "a", "new");
  EXPECT_EQ(folder.read("a"), "new");
}

TEST(FileReplacement, LeavesTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  // A limit on the size of files fails write() half-way, as a full disk does.
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit limit = before;
  limit.rlim_cur = 4096;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const ScopeGuard restore([&] {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_THROWS(DataError, replace_file(folder / "a", std::string(10'000, 'x')),
                (folder / "a").string() +
                    ": expected to write the file, got \"File too large\"; what was there before is as it was");
  EXPECT_EQ(folder.read("a"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileReplacement, LeavesNothingBehindWhenThePlaceIsTaken) {
  const TemporaryFolder folder;
  folder.write("a/inside", "x");
  EXPECT_THROWS(DataError, replace_file(folder / "a", "new"),
                "expected to put the file in its place, got \"Is a directory\"");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileReplacement, NamesAFolderThatMayNotBeWritten) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  EXPECT_THROWS(DataError, replace_file(folder / "file/a", "1"), "got \"Not a directory\"");
  EXPECT_THROWS(DataError, replace_file(folder / "file/b/a", "1", {.create_folders = true}),
                (folder / "file/b").string() + ": expected to make the folder, got \"Not a directory\"");
  EXPECT_THROWS(DataError, replace_file(folder.path() / "", "1"), "expected the path of a file to write");
  if (::geteuid() != 0) {  // root may write anywhere
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const ScopeGuard restore([&] { std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all); });
    EXPECT_THROWS(DataError, replace_file(folder / "a", "1"), "got \"Permission denied\"");
  }
}

TEST(FileReplacement, LeavesTheOldFileInAFolderThatMayNotBeRead) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  const uid_t user = ::geteuid();
  using std::filesystem::perms;
  std::filesystem::permissions(folder.path(), perms::owner_write | perms::owner_exec);
  if (user == 0) {  // root may read anything: as somebody else, then
    ASSERT_EQ(::chown(folder.path().c_str(), 65534, static_cast<gid_t>(-1)), 0);
    ASSERT_EQ(::seteuid(65534), 0);
  }
  {
    const ScopeGuard restore([&] {
      if (user == 0) {
        EXPECT_EQ(::seteuid(user), 0);
      }
      std::filesystem::permissions(folder.path(), perms::owner_all);
    });
    EXPECT_THROWS(
        DataError, replace_file(folder / "a", "new"),
        "a: expected a folder that can be opened, got \"Permission denied\"; what was there before is as it was");
  }
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

}  // namespace
}  // namespace keratin
