#include "host/elf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "host/error.h"

namespace tatami {
namespace {

/// What a symbol table does not name but local labels and mapping symbols do.
bool interesting(std::string_view name) { return !name.empty() && name.front() != '$' && !name.starts_with(".L"); }

class Loader {
 public:
  explicit Loader(const std::filesystem::path& path) { program_.path = path.string(); }

  Program load() {
    open();
    check_header();
    read_segments();
    read_symbols();
    return std::move(program_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw InputError(program_.path + ": " + what); }

  void open() {
    elf_version(EV_CURRENT);
    fd_.reset(new int(::open(program_.path.c_str(), O_RDONLY | O_CLOEXEC)));
    if (*fd_ < 0) fail(fmt::format("cannot open: {}", std::strerror(errno)));
    std::error_code error;
    if (std::filesystem::is_directory(program_.path, error)) fail("is a directory, expected an ELF file");
    file_size_ = std::filesystem::file_size(program_.path, error);
    if (error) fail("is not a regular file, expected an ELF file");
    if (file_size_ == 0) fail("is empty, expected an ELF file");
    elf_.reset(elf_begin(*fd_, ELF_C_READ, nullptr));
    char magic[4] = {};
    if (::pread(*fd_, magic, 4, 0) != 4 || std::memcmp(magic, "\177ELF", 4) != 0) {
      fail("is not an ELF file; compile kernels with `tatami cc k.c -o k.elf`");
    }
    if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF || file_size_ < sizeof(Elf32_Ehdr)) {
      fail(fmt::format("is truncated or damaged: {} bytes do not hold an ELF header", file_size_));
    }
  }

  void check_header() {
    if (gelf_getclass(elf_.get()) != ELFCLASS64) {
      fail("is a 32-bit ELF file, expected 64-bit RISC-V; compile with -march=rv64ima_zicsr_zifencei -mabi=lp64");
    }
    if (gelf_getehdr(elf_.get(), &header_) == nullptr) {
      fail(fmt::format("is truncated: {} bytes do not hold an ELF header", file_size_));
    }
    if (header_.e_ident[EI_DATA] != ELFDATA2LSB) fail("is big-endian, expected little-endian RISC-V");
    if (header_.e_machine != EM_RISCV) {
      fail(fmt::format(
          "is made for machine {}, expected {} (RISC-V); compile with riscv64-unknown-elf-gcc or `tatami cc`",
          header_.e_machine, EM_RISCV));
    }
    if (header_.e_ident[EI_DATA] != ELFDATA2LSB) fail("is big-endian, expected little-endian RISC-V");
    if (header_.e_type != ET_EXEC) {
      fail(fmt::format("has ELF type {}, expected {} (executable); link it with -static -no-pie", header_.e_type,
                       ET_EXEC));
    }
    program_.entry = header_.e_entry;
  }

  void read_segments() {
    std::size_t count = 0;
    if (elf_getphdrnum(elf_.get(), &count) != 0) fail("is truncated: its program headers cannot be read");
    // libelf answers 0 headers when the table lies beyond the end of the file.
    if (header_.e_phnum != 0 && header_.e_phoff + std::uint64_t{header_.e_phnum} * header_.e_phentsize > file_size_) {
      fail(fmt::format("is truncated: its program headers end at byte {}, the file at {}",
                       header_.e_phoff + std::uint64_t{header_.e_phnum} * header_.e_phentsize, file_size_));
    }
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Phdr segment;
      if (gelf_getphdr(elf_.get(), static_cast<int>(i), &segment) == nullptr)
        fail("is truncated: its program headers cannot be read");
      if (segment.p_type == PT_LOAD && segment.p_memsz != 0) add_segment(i, segment);
    }
    if (program_.segments.empty()) fail("has nothing to load (no PT_LOAD segment); is it a linked program?");
    if (program_.entry < kSramBase || program_.entry - kSramBase >= kSramBytes) {
      fail(fmt::format("has its entry at {:#x}, outside the node's SRAM {:#x}..{:#x}", program_.entry, kSramBase,
                       kSramBase + kSramBytes - 1));
    }
  }

  void add_segment(std::size_t index, const GElf_Phdr& segment) {
    const std::uint64_t address = segment.p_paddr;
    if (segment.p_offset > file_size_ || segment.p_filesz > file_size_ - segment.p_offset) {
      fail(fmt::format("is truncated: segment {} ends at byte {}, the file at {}", index,
                       segment.p_offset + segment.p_filesz, file_size_));
    }
    if (segment.p_memsz > kSramBytes) {
      fail(fmt::format("segment {} has {} bytes, more than the node's SRAM holds ({} bytes)", index, segment.p_memsz,
                       kSramBytes));
    }
    if (segment.p_filesz > segment.p_memsz) fail(fmt::format("segment {} is larger in the file than in memory", index));
    if (address < kSramBase || address - kSramBase > kSramBytes - segment.p_memsz) {
      fail(
          fmt::format("segment {} at {:#x}..{:#x} lies outside the node's SRAM {:#x}..{:#x}; link with "
                      "sw/runtime/tatami.ld",
                      index, address, address + segment.p_memsz - 1, kSramBase, kSramBase + kSramBytes - 1));
    }
    Segment loaded{address, std::vector<std::byte>(segment.p_memsz)};
    std::size_t done = 0;
    while (done < segment.p_filesz) {
      const auto got = ::pread(*fd_, loaded.bytes.data() + done, segment.p_filesz - done,
                               static_cast<off_t>(segment.p_offset + done));
      if (got <= 0) fail(fmt::format("segment {} cannot be read", index));
      done += static_cast<std::size_t>(got);
    }
    program_.end = std::max(program_.end, address + segment.p_memsz);
    program_.segments.push_back(std::move(loaded));
  }

  void read_symbols() {
    Elf_Scn* section = nullptr;
    while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
      Elf_Data* data = elf_getdata(section, nullptr);
      if (data == nullptr) continue;
      for (std::size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
        GElf_Sym symbol;
        if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
        const char* name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
        const int type = GELF_ST_TYPE(symbol.st_info);
        if (name == nullptr || !interesting(name) || symbol.st_shndx == SHN_UNDEF || type == STT_FILE ||
            type == STT_SECTION) {
          continue;
        }
        program_.symbols.insert_or_assign(name, Symbol{symbol.st_value, symbol.st_size, type == STT_FUNC});
      }
    }
    if (!program_.find("tohost")) {
      program_.warnings.push_back(
          program_.path +
          ": has no symbol `tohost`, so the program has no way to end the run; link the runtime "
          "(tatami cc) or expect it to stop at --max-cycles or the watchdog");
    }
  }

  struct CloseFd {
    void operator()(int* fd) const {
      if (*fd >= 0) ::close(*fd);
      std::default_delete<int>()(fd);
    }
  };
  struct CloseElf {
    void operator()(Elf* elf) const { elf_end(elf); }
  };

  Program program_;
  std::unique_ptr<int, CloseFd> fd_;
  std::unique_ptr<Elf, CloseElf> elf_;
  std::uint64_t file_size_ = 0;
  GElf_Ehdr header_ = {};
};

}  // namespace

std::optional<Symbol> Program::find(std::string_view name) const {
  const auto found = symbols.find(name);
  if (found == symbols.end()) return std::nullopt;
  return found->second;
}

std::uint64_t Program::address_of(std::string_view name) const {
  const auto found = find(name);
  if (!found)
    throw InputError(fmt::format("{}: has no symbol `{}`; was it linked with the runtime (tatami cc)?", path, name));
  return found->address;
}

std::string Program::describe(std::uint64_t address) const {
  std::string_view best;
  std::uint64_t base = 0;
  for (const auto& [name, symbol] : symbols) {
    if (symbol.address > address || symbol.address < kSramBase) continue;
    // Functions before labels, later ones before earlier ones.
    if (best.empty() || symbol.address > base || (symbol.address == base && symbol.function)) {
      best = name;
      base = symbol.address;
    }
  }
  if (best.empty() || address >= end) return fmt::format("{:#x}", address);
  return fmt::format("{:#x} ({}+{:#x})", address, best, address - base);
}

Program load_program(const std::filesystem::path& path) { return Loader(path).load(); }

}  // namespace tatami
