// Random programs: the code of one thread, a group of instructions at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "assembler.h"
#include "random_layout.h"
#include "random_program.h"

namespace tatami::isa_test {

using test::Assembler;
using test::Op;

/// The code of one thread.
class Generator {
 public:
  Generator(const RandomConfig& config, unsigned thread, Random& random);

  Assembler& code() { return code_; }

  /// Groups up to a point where all threads are.
  void segment(unsigned groups, bool last);
  void barrier(unsigned mask) { code_.op(Op::dn_bar_, mask); }

  /// Tells the others that this thread is done; thread 0 waits for all and ends the run.
  void epilogue();

 private:
  unsigned data() { return static_cast<unsigned>(random_.between(kFirstData, kLastData)); }
  unsigned target() { return random_.percent(5) ? 0 : data(); }
  unsigned source() { return random_.percent(10) ? static_cast<unsigned>(random_.below(32)) : data(); }
  unsigned vector() { return static_cast<unsigned>(random_.below(random_.percent(50) ? 8 : 32)); }
  unsigned tile() { return static_cast<unsigned>(random_.below(random_.percent(50) ? 2 : 8)); }

  void prologue();
  std::uint32_t descriptor(unsigned kind);
  void descriptors();
  void loop(unsigned groups);
  void group();

  // --- Scalar
  void scalar();
  void branch();

  /// What a branch may jump over.
  void skipped();

  // --- Addresses
  /// Sets kAddress so that an access of a few hundred bytes around it stays in data, or lies outside or across an end
  /// of SRAM. `align`: a power of two. Returns false if the access may trap.
  bool address(unsigned align);

  static std::int64_t aligned(std::int64_t value, unsigned align) { return value & -static_cast<std::int64_t>(align); }

  void scalar_memory();
  void atomic();

  // --- Vectors
  void limits();
  void vector_memory();

  /// An instruction that depends on a vector register which is perhaps still being written.
  void use_soon(unsigned v);

  /// Any instruction of the vector unit with random operands.
  void simd();
  unsigned any_descriptor();
  void set_counters();
  void convert();
  void matrix_multiply(unsigned t, unsigned a, unsigned b);
  void matrix();

  // --- System
  void csr();
  void trap();
  void ordering();

  /// Writes an instruction that is executed after fence.i.
  void patch_by_store();

  /// The same for sixteen instructions, by a vector store or a packet.
  void patch_by_vector();

  // --- Network and races
  /// `address` |= the coordinates of a node: this one, or if there are others mostly one of them; kSecond is lost then.
  void to_some_node(unsigned address);
  /// kAddress = a global address of such a node.
  void global(unsigned align, std::int64_t low, std::int64_t high);
  void network();
  /// Bits of a control word that name a rectangle, or none.
  std::int64_t rectangle();

  /// A list of one transfer between blocks of this node, and the thread waits for it: what it stores next cannot change
  /// the descriptor. If it fails, the thread is told while it waits.
  void list();

  /// All threads on the same few words.
  void race();

  static constexpr std::size_t kKinds = 13, kNetwork = 10;  // of kMakers

  Random& random_;
  unsigned width_, height_;  // of the fabric
  unsigned thread_;
  bool lists_;
  Assembler code_;
  std::vector<Op> vector_ops_;
  std::array<unsigned, kKinds> weights_{};
  unsigned depth_ = 0;
  bool may_sleep_ = false;
};

}  // namespace tatami::isa_test
