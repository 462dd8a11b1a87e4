// Small ELF files made for the tests, correct or broken in one way.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tatami::test {

/// An ELF file with one segment and the symbols `_start` and `tohost`. Change the fields, then write() it.
struct ElfFile {
  Elf64_Ehdr header{};
  Elf64_Phdr segment{};
  std::vector<std::uint32_t> code;
  bool tohost = true;

  explicit ElfFile(std::vector<std::uint32_t> instructions = {0x0000'0013}) : code(std::move(instructions)) {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x8000'0000;
    header.e_phoff = sizeof(Elf64_Ehdr);
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    header.e_shentsize = sizeof(Elf64_Shdr);
    segment.p_type = PT_LOAD;
    segment.p_flags = PF_R | PF_W | PF_X;
    segment.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
    segment.p_vaddr = segment.p_paddr = 0x8000'0000;
    segment.p_filesz = segment.p_memsz = code.size() * 4;
  }

  std::string bytes() const {
    // Sections: none, .symtab, .strtab (also for section names), .text.
    const std::string names("\0_start\0tohost\0", 15);
    std::vector<Elf64_Sym> symbols(tohost ? 3 : 2);
    symbols[1] = {1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 3, 0x8000'0000, 4};
    if (tohost) symbols[2] = {8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 3, 0x8000'1000, 8};
    const std::size_t data = sizeof header + sizeof segment;
    const std::size_t at_symbols = (data + code.size() * 4 + 7) / 8 * 8;
    const std::size_t at_names = at_symbols + symbols.size() * sizeof(Elf64_Sym);
    std::vector<Elf64_Shdr> sections(4);
    sections[1] = {0, SHT_SYMTAB, 0, 0, at_symbols, symbols.size() * sizeof(Elf64_Sym), 2, 1, 8, sizeof(Elf64_Sym)};
    sections[2] = {0, SHT_STRTAB, 0, 0, at_names, names.size(), 0, 0, 1, 0};
    sections[3] = {0, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x8000'0000, data, code.size() * 4, 0, 0, 4, 0};
    Elf64_Ehdr complete = header;
    complete.e_shoff = (at_names + names.size() + 7) / 8 * 8;
    complete.e_shnum = 4;
    complete.e_shstrndx = 2;

    std::string file(complete.e_shoff + sections.size() * sizeof(Elf64_Shdr), '\0');
    const auto put = [&](std::size_t at, const void* from, std::size_t size) {
      std::memcpy(file.data() + at, from, size);
    };
    put(0, &complete, sizeof complete);
    put(sizeof header, &segment, sizeof segment);
    put(data, code.data(), code.size() * 4);
    put(at_symbols, symbols.data(), symbols.size() * sizeof(Elf64_Sym));
    put(at_names, names.data(), names.size());
    put(complete.e_shoff, sections.data(), sections.size() * sizeof(Elf64_Shdr));
    return file;
  }

  void write(const std::filesystem::path& path) const { std::ofstream(path, std::ios::binary) << bytes(); }
};

/// A directory of the test's own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "tatami-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace tatami::test
