// The device API: what applications and the command line see of a simulated fabric, whichever model stands behind it.
//
//   auto device = tatami::make_rtl_device({});
//   device->load(tatami::load_program("k.elf"));
//   const auto x = device->allocate(4096);
//   device->write(x, bytes);
//   const tatami::RunResult result = device->run({.max_cycles = 1'000'000});
//   device->read(x, bytes);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "host/elf.h"
#include "host/shape.h"

namespace tatami {

inline constexpr int kThreadsPerNode = 4;

/// A global address: {16'b0, y[7:0], x[7:0], local[31:0]}. Node (0, 0)'s are its local addresses.
constexpr std::uint64_t global_address(unsigned x, unsigned y, std::uint64_t local) {
  return std::uint64_t{y} << 40 | std::uint64_t{x} << 32 | local;
}

/// An address of edge memory (docs/isa.md, section 8.1): behind port `side` (0 N, 1 E, 2 S, 3 W) of node (x, y).
constexpr std::uint64_t edge_address(unsigned x, unsigned y, unsigned side, std::uint64_t offset) {
  return std::uint64_t{side} << 49 | std::uint64_t{1} << 48 | std::uint64_t{y} << 40 | std::uint64_t{x} << 32 | offset;
}
inline constexpr std::uint64_t kEdgeBytes = std::uint64_t{1} << 32;  ///< of each port

/// The speed of the memory at every port of the fabric's rim (docs/fabric.md, section 4).
struct EdgeConfig {
  unsigned latency = 200;   ///< cycles, 1 or more
  unsigned bandwidth = 64;  ///< bytes a cycle, 1..64
};

/// What the fabric asked of edge memory in a run.
struct EdgeUse {
  std::uint64_t requests = 0;
  std::uint64_t bytes_read = 0;     ///< 64 for a pull, 8 for an atomic
  std::uint64_t bytes_written = 0;  ///< the bytes of a push or put, 8 for an atomic
};

/// How a run ended.
enum class RunStatus {
  exited,         ///< by a store to `tohost`; see exit_code
  trapped,        ///< a trap without a handler; see trap
  hung,           ///< no thread made progress for the watchdog's time, or all sleep and nothing can wake them
  out_of_cycles,  ///< still making progress at RunOptions::max_cycles
  diverged,       ///< lockstep found a difference; see message
  link_error,     ///< a flit arrived damaged at a node that handles no link errors; see message
  faulted,        ///< the model itself reported an error, such as a failed assertion; see message
};

/// An unhandled trap (docs/isa.md, section 3).
struct Trap {
  Coordinate node;
  unsigned thread = 0;
  unsigned hart = 0;  ///< mhartid
  std::uint64_t cause = 0;
  std::uint64_t pc = 0;
  std::uint64_t value = 0;             ///< mtval
  std::optional<std::uint64_t> cycle;  ///< of the trap, where the device has a notion of time
};

/// "illegal instruction" and the like.
std::string trap_cause_name(std::uint64_t cause);
/// "thread 2 of node 3,4 (hart 310) trapped without a handler in cycle 1043 at LOCATION: ...": all but what to do.
/// `location` is where the pc lies.
std::string describe(const Trap& trap, const std::string& location);

/// Where a program's results go: bytes of node (0, 0)'s SRAM.
struct ResultRange {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

/// A flit with wrong parity that ended a run.
struct DamagedFlit {
  Coordinate node;    ///< where it arrived
  unsigned port = 0;  ///< 0 N, 1 E, 2 S, 3 W
  bool response = false;
  std::uint64_t cycle = 0;  ///< of its arrival
};

/// A queue of a router that was full and did not move for RunOptions::held_cycles.
struct HeldQueue {
  Coordinate node;    ///< where it is
  unsigned port = 0;  ///< the input at which its flits wait
  bool response = false;
  std::uint64_t since = 0;  ///< cycle of its last movement
  auto operator<=>(const HeldQueue&) const = default;
};

/// What the matrix unit did from the cycle in which a program's first instruction commits to the one in which the last
/// word of its results is stored, both included. A pass is one cycle of the unit; every other cycle is idle for one
/// reason: before the first pass (start); while some thread drains its tiles, that is from its first dm.mv.v.t to its
/// next dm.mma or fence (drain); else (other: operands, or no work).
struct MatrixUse {
  std::uint64_t cycles = 0;
  std::uint64_t passes = 0;
  std::uint64_t idle_start = 0;
  std::uint64_t idle_drain = 0;
  std::uint64_t idle_other = 0;
};

/// A disturbance of the RTL's links: the flit number `flit` (from 0) that arrives at `node` by `port` has a bit
/// flipped.
struct LinkFault {
  Coordinate node;
  unsigned port = 0;      ///< 0 N, 1 E, 2 S, 3 W
  bool response = false;  ///< class
  std::uint64_t flit = 0;
  unsigned bit = 0;  ///< 0..639
};

/// Another: what leaves the queues behind `port` of `node` makes no place for new flits before these cycles are over.
struct LinkHold {
  Coordinate node;
  unsigned port = 0;
  bool response = false;
  std::uint64_t from = 0, cycles = 0;
};

struct RunOptions {
  std::uint64_t max_cycles = 0;             ///< 0: no limit. The golden device counts its steps.
  std::uint64_t watchdog_cycles = 500'000;  ///< window of the watchdog, see watchdog.h; 0: never
  std::optional<ResultRange> results = {};  ///< asks for RunResult::matrix_use
  std::vector<LinkFault> link_faults = {};  ///< by the RTL device only
  std::vector<LinkHold> link_holds = {};
  std::uint64_t held_cycles = 1'000'000;  ///< full queues of routers that do not move for so long are noted
  /// Called about once a second of a long run with the cycles done and the seconds it took; devices without time never
  /// call it.
  std::function<void(std::uint64_t cycles, double seconds)> progress = {};
};

struct RunResult {
  RunStatus status = RunStatus::faulted;
  std::uint64_t exit_code = 0;     ///< valid if exited; 0 is success
  Coordinate node;                 ///< whose exit, trap, damaged flit or divergence ended the run
  std::uint64_t cycles = 0;        ///< from reset to the store to `tohost`; 0 where the device has no notion of time
  std::uint64_t instructions = 0;  ///< retired by all threads of all nodes
  std::uint64_t compared = 0;      ///< lockstep records compared
  std::optional<Trap> trap;
  std::vector<DamagedFlit> damaged;  ///< with link_error: those of the node and cycle that ended the run
  std::vector<HeldQueue> held;       ///< in the order in which they were noticed
  std::optional<MatrixUse>
      matrix_use;                  ///< if asked for, where the device has a notion of time, and there were such stores
  std::optional<EdgeUse> edge;     ///< if edge memory was used, where the device has a notion of time
  std::string message;             ///< what happened, for people, if not plainly exited
  std::vector<std::string> notes;  ///< what people should know of a run besides: link faults that did not happen
  double seconds = 0;              ///< host time of the run
  double cpu_seconds = 0;          ///< processor time of all this process's threads in it; 0 if it is not measured

  bool passed() const { return status == RunStatus::exited && exit_code == 0; }
};

/// For devices: the program has ended, but a list of transfers that a thread started has failed, and the thread has not
/// been told: `tval` is mtval of the trap that it would have got.
void fail_for_list(RunResult& result, Coordinate node, unsigned thread, std::uint64_t tval);

/// One performance counter. `thread` is -1 for counters of a node.
struct Counter {
  std::string name;
  int node = 0;
  int thread = -1;
  std::uint64_t value = 0;
};

/// The event counters of docs/isa.md, section 2.1: mhpmcounter3..31.
inline constexpr unsigned kFirstEvent = 3;
inline constexpr unsigned kLastEvent = 31;
std::string event_name(unsigned event);
/// Counts instructions rather than cycles or packets, so that every device counts the same.
bool event_is_architectural(unsigned event);
/// One counter for all threads of the node.
bool event_is_of_node(unsigned event);

/// What a device is.
struct DeviceInfo {
  std::string name;  ///< "rtl" or "golden"
  FabricShape shape;
  bool has_cycles = false;
};

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  virtual const DeviceInfo& info() const = 0;

  /// Clears every node's memory and edge memory, places the program in all of them and forgets earlier allocations.
  void load(Program program);
  void load_elf(const std::filesystem::path& path) { load(load_program(path)); }
  const Program& program() const { return program_; }

  /// Reserves `bytes` in every node's SRAM, after the program and below its stacks; returns the local address.
  /// Throws InputError if they do not fit. `alignment` is a power of two.
  std::uint64_t allocate(std::uint64_t bytes, std::uint64_t alignment = 64);
  /// Bytes that allocate() can still give out.
  std::uint64_t available() const { return heap_end_ - heap_; }
  /// Reserves `bytes` of the memory behind a port of the fabric's rim; returns their global address. Throws InputError
  /// if there is no such port, or they do not fit.
  std::uint64_t allocate_edge(RimPort port, std::uint64_t bytes, std::uint64_t alignment = 64);
  /// Gives back everything allocate() and allocate_edge() have given out.
  void free_all();

  /// Host access to SRAM or edge memory at a global address; throws InputError outside and for dead nodes.
  virtual void write(std::uint64_t address, std::span<const std::byte> bytes) = 0;
  virtual void read(std::uint64_t address, std::span<std::byte> bytes) = 0;

  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void write_value(std::uint64_t address, const T& value) { write(address, std::as_bytes(std::span(&value, 1))); }
  template <typename T>
  requires std::is_trivially_copyable_v<T> T read_value(std::uint64_t address) {
    T value;
    read(address, std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }

  /// Copies `arguments` to the symbol `tatami_args` of every node (at most 512 bytes), or of one.
  void write_arguments(std::span<const std::byte> arguments);
  void write_arguments(Coordinate node, std::span<const std::byte> arguments);
  /// Threads of each node that run main, 1..4; the program's default is 4.
  void set_threads(int threads);

  /// Resets all harts to the program's entry and runs until the program ends or something stops it. Memory keeps what
  /// was loaded and written. The program ends when every node has stored 1 to `tohost`, or at once when one stores
  /// another odd value.
  virtual RunResult run(const RunOptions& options) = 0;

  /// The counters after (or during) a run.
  virtual std::vector<Counter> counters() const = 0;

 protected:
  /// Clears the memory of every node, and edge memory.
  virtual void clear_memory() = 0;

 private:
  template <typename Action>
  void on_every_node(std::uint64_t local, Action&& action);

  Program program_;
  std::uint64_t heap_ = kSramBase;
  std::uint64_t heap_end_ = kSramBase + kSramBytes;
  std::map<RimPort, std::uint64_t> edge_heap_;  // the first free offset
};

struct GoldenConfig {
  FabricShape shape;
};

/// The instruction-set model: fast, exact, without time.
std::unique_ptr<Device> make_golden_device(const GoldenConfig& config);

/// Where and when the RTL writes waves.
struct WaveConfig {
  std::string path;
  std::uint64_t from = 0;                ///< first cycle written
  std::uint64_t to = ~std::uint64_t{0};  ///< last cycle written
  Coordinate node;                       ///< whose waves
};

struct RtlConfig {
  FabricShape shape;
  unsigned host_threads = 1;  ///< that step the nodes; results and cycles do not depend on it
  EdgeConfig edge = {};
  bool lockstep = false;           ///< compare every retired instruction of every node with the golden model
  std::optional<WaveConfig> wave;  ///< needs a model built for it, see rtl_wave_format()
};

/// The verilated RTL. Defined by the libraries of sim/rtl, one for each kind of model.
std::unique_ptr<Device> make_rtl_device(const RtlConfig& config);

/// "vcd", "fst", or "" for the model linked into this program.
std::string rtl_wave_format();

}  // namespace tatami
