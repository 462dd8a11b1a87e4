#include "host/elf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/elf_files.h"
#include "host/error.h"

namespace tatami {
namespace {

using test::ElfFile;
using testing::HasSubstr;

class Elf : public testing::Test {
 protected:
  /// The message of the error that loading `file` causes; every message begins with the file's name.
  std::string refused(const ElfFile& file) { return refused(file.bytes()); }
  std::string refused(const std::string& bytes) {
    test::write_text(path_, bytes);
    try {
      load_program(path_);
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(path_.string()));
      return error.what();
    }
    ADD_FAILURE() << "loaded without an error";
    return "";
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "program.elf";
};

TEST_F(Elf, LoadsSegmentsAndSymbols) {
  ElfFile file({0x11, 0x22});
  file.segment.p_memsz = 16;
  file.write(path_);
  const Program program = load_program(path_);
  EXPECT_EQ(program.entry, kSramBase);
  ASSERT_EQ(program.segments.size(), 1U);
  ASSERT_EQ(program.segments[0].bytes.size(), 16U);
  EXPECT_EQ(program.segments[0].bytes[4], std::byte{0x22});
  EXPECT_EQ(program.segments[0].bytes[8], std::byte{0});
  EXPECT_EQ(program.end, kSramBase + 16);
  EXPECT_EQ(program.address_of("tohost"), 0x8000'1000U);
  EXPECT_TRUE(program.warnings.empty());
  EXPECT_EQ(program.describe(kSramBase + 4), "0x80000004 (_start+0x4)");
  EXPECT_THROW(program.address_of("absent"), InputError);
}

TEST_F(Elf, IgnoresTheFloatAbi) {
  ElfFile file;
  file.header.e_flags = 0x5;  // double-float ABI and compressed
  file.write(path_);
  EXPECT_NO_THROW(load_program(path_));
}

TEST_F(Elf, WarnsWithoutTohost) {
  ElfFile file;
  file.tohost = false;
  file.write(path_);
  const Program program = load_program(path_);
  ASSERT_EQ(program.warnings.size(), 1U);
  EXPECT_THAT(program.warnings[0], HasSubstr("tohost"));
}

TEST_F(Elf, AcceptsASegmentThatFillsTheSram) {
  ElfFile file;
  file.segment.p_memsz = kSramBytes;
  file.write(path_);
  EXPECT_EQ(load_program(path_).end, kSramBase + kSramBytes);
}

TEST_F(Elf, RefusesWhatIsNoElfFile) {
  EXPECT_THAT(refused(std::string("int main() { return 0; }")), HasSubstr("not an ELF file"));
  EXPECT_THAT(refused(std::string()), HasSubstr("empty"));
  EXPECT_THAT(refused(std::string("\177EL")), HasSubstr("not an ELF file"));
}

TEST_F(Elf, RefusesAMissingFileAndADirectory) {
  EXPECT_THROW(load_program(directory_ / "absent.elf"), InputError);
  EXPECT_THROW(load_program(directory_ / "."), InputError);
}

TEST_F(Elf, RefusesEveryTruncation) {
  const ElfFile file({0x11, 0x22, 0x33});
  const std::string whole = file.bytes();
  const std::size_t loaded = file.segment.p_offset + file.segment.p_filesz;
  for (std::size_t length = 4; length < loaded; ++length) {
    SCOPED_TRACE(length);
    EXPECT_THAT(refused(whole.substr(0, length)), HasSubstr("truncated"));
  }
}

TEST_F(Elf, RefusesOtherMachinesAndClasses) {
  ElfFile file;
  file.header.e_machine = EM_X86_64;
  EXPECT_THAT(refused(file), HasSubstr("machine 62, expected 243 (RISC-V)"));
  ElfFile big;
  big.header.e_ident[EI_DATA] = ELFDATA2MSB;
  EXPECT_THAT(refused(big), HasSubstr("big-endian"));
  std::string small = ElfFile().bytes();
  small[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(refused(small), HasSubstr("32-bit"));
  ElfFile shared;
  shared.header.e_type = ET_DYN;
  EXPECT_THAT(refused(shared), HasSubstr("-static"));
}

TEST_F(Elf, RefusesSegmentsOutsideTheSram) {
  for (const std::uint64_t address :
       {std::uint64_t{0}, kSramBase - 4, kSramBase + kSramBytes - 2, ~std::uint64_t{0} - 3}) {
    ElfFile file;
    file.segment.p_paddr = address;
    EXPECT_THAT(refused(file), HasSubstr("outside the node's SRAM")) << address;
  }
  ElfFile large;
  large.segment.p_memsz = kSramBytes + 1;
  EXPECT_THAT(refused(large), HasSubstr("more than the node's SRAM holds"));
}

TEST_F(Elf, RefusesAnEntryOutsideTheSramAndNoSegments) {
  ElfFile file;
  file.header.e_entry = 0x1000;
  EXPECT_THAT(refused(file), HasSubstr("entry"));
  ElfFile none;
  none.segment.p_type = PT_NOTE;
  EXPECT_THAT(refused(none), HasSubstr("nothing to load"));
}

}  // namespace
}  // namespace tatami
