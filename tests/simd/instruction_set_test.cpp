// Which instruction set is chosen. tests/CMakeLists.txt runs this, and all that runs kernels, with each set forced.
#include "simd/instruction_set.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin::cpu {
namespace {

using Sets = std::vector<InstructionSet>;
constexpr auto baseline = InstructionSet::baseline, avx2 = InstructionSet::avx2, avx512 = InstructionSet::avx512;

TEST(InstructionSets, AreChosenByName) {
  EXPECT_EQ(choose_instruction_set("baseline", Sets{baseline, avx2, avx512}), baseline);
  EXPECT_EQ(choose_instruction_set("avx2", Sets{baseline, avx2, avx512}), avx2);
  EXPECT_EQ(choose_instruction_set("avx512", Sets{baseline, avx2, avx512}), avx512);
}

TEST(InstructionSets, AreTheBestThereIsByDefault) {
  EXPECT_EQ(choose_instruction_set("", Sets{baseline, avx2, avx512}), avx512);
  EXPECT_EQ(choose_instruction_set("", Sets{baseline, avx2}), avx2);
  EXPECT_EQ(choose_instruction_set("", Sets{baseline}), baseline);
}

TEST(InstructionSets, AreRefusedWhereTheMachineLacksThem) {
  EXPECT_THROWS(UnsupportedError, choose_instruction_set("avx512", Sets{baseline, avx2}),
                "KERATIN_INSTRUCTION_SET: expected one that this machine has, baseline, avx2, got avx512; leave it "
                "unset for the best of them");
}

TEST(InstructionSets, AreRefusedUnderOtherNames) {
  for (const char* name : {"AVX2", "avx", "avx2,avx512", " avx2", "neon"})
    EXPECT_THROWS(ValueError, choose_instruction_set(name, Sets{baseline, avx2, avx512}),
                  "KERATIN_INSTRUCTION_SET: expected one of baseline, avx2, avx512, got");
}

TEST(InstructionSets, AreWhatTheEnvironmentAsksFor) {
  const char* const asked = std::getenv("KERATIN_INSTRUCTION_SET");
  EXPECT_EQ(chosen_instruction_set(), choose_instruction_set(asked != nullptr ? asked : "", instruction_sets()));
}

}  // namespace
}  // namespace keratin::cpu
