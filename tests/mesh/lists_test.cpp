// Lists of transfers: random lists of every thread of every node, good and bad, on the RTL in lockstep and on golden,
// with the same memory afterwards; what bad ones say; the mover's rate, alone and beside threads; multicasts around
// dead nodes. TATAMI_SEED=n replays one seed.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <map>
#include <random>

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using u64 = std::uint64_t;
using u32 = std::uint32_t;
using testing::HasSubstr;

constexpr unsigned kThreads = kThreadsPerNode;
constexpr u64 kSource = 16 * 1024,
              kLanding = 4 * 1024;  // bytes of what is read, and of each thread's places in every node

struct Start {
  u64 address, control, finished;
};
struct Results {
  std::array<std::array<u64, 16>, kThreads> traps;  // how many, then mtval of each
  std::array<u32, 32> counter;
  std::array<u64, kThreads> cycles;
};
struct Arguments {
  u32 mode = 0, nodes = 0, starts = 0, interfering = 0;
  u64 table = 0, results = 0;
  std::array<u64, 48> node{};
};
static_assert(sizeof(Arguments) <= 512);
enum Mode { kWork = 0, kMeasure = 1, kUntold = 2 };

using Descriptor = std::array<u64, 4>;
enum Kind { kPush = 0, kPull = 1, kSignal = 2 };
constexpr u64 kWait = 4, kMulticast = 8, kSig = 16;

Descriptor rows(u64 control, u64 global, u64 local, u64 blocks, u64 count, u32 global_stride, u32 local_stride) {
  return {control | blocks << 32 | count << 48, global, local, global_stride | u64{local_stride} << 32};
}

std::unique_ptr<Device> rtl(const FabricShape& shape) {
  RtlConfig config;
  config.shape = shape;
  config.lockstep = true;
  config.edge = {20, 40};
  return make_rtl_device(config);
}

/// One device's memory map and the random lists, which depend on the seed and the shape alone.
class Rig {
 public:
  Rig(Device& device, unsigned seed) : device_(device), random_(seed) {
    device_.load_elf(test::kernel_path("test_lists"));
    places_ = shape().places();
    ports_ = shape().rim_ports();
    source_ = device_.allocate(kSource);
    landing_ = device_.allocate(kLanding * kThreads * places_.size());
    lists_ = device_.allocate(64 * 1024);
    results_ = device_.allocate(sizeof(Results));
    for (const Coordinate at : places_) fill(global_address(at.x, at.y, source_), kSource);
    for (const RimPort port : ports_) {
      edge_source_ = device_.allocate_edge(port, kSource);
      edge_landing_ = device_.allocate_edge(port, kLanding * kThreads * places_.size());
      fill(edge_source_, kSource);
    }
    edge_source_ &= 0xFFFF'FFFF;
    edge_landing_ &= 0xFFFF'FFFF;
  }

  RunResult run() {
    for (unsigned node = 0; node < places_.size(); ++node) place_lists(node);
    return device_.run({.max_cycles = 20'000'000});
  }

  unsigned bad() const { return bad_; }
  Results results(unsigned node) { return device_.read_value<Results>(at(node) | results_); }
  /// Where the lists have written.
  std::vector<u64> landed() {
    std::vector<u64> all;
    const u64 words = kLanding * kThreads * places_.size() / 8;
    const auto take = [&](u64 address) {
      const auto part = test::fetch<u64>(device_, address, words);
      all.insert(all.end(), part.begin(), part.end());
    };
    for (unsigned node = 0; node < places_.size(); ++node) take(at(node) | landing_);
    for (const RimPort port : ports_) take(edge_address(port.at.x, port.at.y, port.side, edge_landing_));
    return all;
  }

 private:
  const FabricShape& shape() const { return device_.info().shape; }
  u64 below(u64 n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  u64 at(unsigned node) const { return global_address(places_[node].x, places_[node].y, 0); }
  void fill(u64 address, u64 bytes) {
    std::vector<u64> values(bytes / 8);
    for (u64& value : values) value = random_();
    device_.write(address, std::as_bytes(std::span(values)));
  }

  // The next `bytes` of the thread's landing place at a node (by number) or port (after the nodes); nothing if it is
  // full.
  std::optional<u64> claim(unsigned owner, u64 where, u64 bytes) {
    u64& used = used_[{owner, where}];
    if (used + bytes > kLanding) return std::nullopt;
    used += bytes;
    return kLanding * owner + used - bytes;
  }
  u64 landing_address(u64 where, u64 offset) const {
    if (where < places_.size()) return at(static_cast<unsigned>(where)) | (landing_ + offset);
    const RimPort port = ports_[where - places_.size()];
    return edge_address(port.at.x, port.at.y, port.side, edge_landing_ + offset);
  }
  u64 source_address(u64 where, u64 offset) const {
    if (where < places_.size()) return at(static_cast<unsigned>(where)) | (source_ + offset);
    const RimPort port = ports_[where - places_.size()];
    return edge_address(port.at.x, port.at.y, port.side, edge_source_ + offset);
  }
  u64 sig() { return chance(50) ? kSig | (8 + below(24)) << 8 : 0; }

  // Rows of blocks in the source, forwards or backwards.
  struct Shape {
    u64 blocks, count;
    u32 from_stride;
    u64 from;  // offset of the first block
    u64 to_row, bytes;
  };
  Shape random_shape() {
    Shape s{};
    s.blocks = 1 + below(4);
    s.count = 1 + below(6);
    const u64 step = 64 * below(12), span = step * (s.count - 1) + 64 * s.blocks;
    const bool backwards = chance(30);
    s.from = 64 * below((kSource - span) / 64 + 1) + (backwards ? step * (s.count - 1) : 0);
    s.from_stride = static_cast<u32>(backwards ? -step : step);
    s.to_row = 64 * (s.blocks + below(3));
    s.bytes = s.to_row * s.count;
    return s;
  }

  void add_good(std::vector<Descriptor>& list, unsigned node, unsigned owner) {
    const Shape s = random_shape();
    const u64 targets = places_.size() + ports_.size(), where = below(targets);
    const bool edge = where >= places_.size();
    const auto to_row = static_cast<u32>(s.to_row);
    switch (below(6)) {
      case 0:
      case 1: {  // to a node or port, from the source
        const auto to = claim(owner, where, s.bytes);
        if (!to) return;
        list.push_back(rows(kPush | (edge ? 0 : sig()), landing_address(where, *to), source_ + s.from, s.blocks,
                            s.count, to_row, s.from_stride));
        return;
      }
      case 2: {  // from a node or port
        const auto to = claim(owner, node, s.bytes);
        if (!to) return;
        list.push_back(rows(kPull | sig(), source_address(where, s.from), landing_ + *to, s.blocks, s.count,
                            s.from_stride, to_row));
        return;
      }
      case 3: {  // from one, and when that has come, to another
        const auto here = claim(owner, node, s.bytes), there = claim(owner, where, s.bytes);
        if (!here || !there) return;
        list.push_back(rows(kPull | sig(), source_address(below(targets), s.from), landing_ + *here, s.blocks, s.count,
                            s.from_stride, to_row));
        list.push_back(rows(kPush | kWait | (edge ? 0 : sig()), landing_address(where, *there), landing_ + *here,
                            s.blocks, s.count, to_row, to_row));
        return;
      }
      case 4:
        list.push_back(
            {kSignal, at(static_cast<unsigned>(below(places_.size()))) | (8 + below(24)), below(1000), random_()});
        return;
      default: {  // to a rectangle, with dead nodes or without
        const u64 x0 = below(shape().width), y0 = below(shape().height);
        const u64 x1 = x0 + below(shape().width - x0), y1 = y0 + below(shape().height - y0);
        u64 to = 0;
        bool any = false;
        const auto each = [&](auto&& action) {
          for (unsigned i = 0; i < places_.size(); ++i) {
            const bool inside = x0 <= places_[i].x && places_[i].x <= x1 && y0 <= places_[i].y && places_[i].y <= y1;
            if (inside) action(used_[{owner, i}]);
            any = any || inside;
          }
        };
        each([&](u64& used) { to = std::max(to, used); });
        if (!any || to + s.bytes > kLanding) return;
        each([&](u64& used) { used = to + s.bytes; });
        list.push_back(rows(kPush | kMulticast | sig() | x1 << 16 | y1 << 24,
                            y0 << 40 | x0 << 32 | (landing_ + kLanding * owner + to), source_ + s.from, s.blocks,
                            s.count, to_row, s.from_stride));
        return;
      }
    }
  }

  // Some blocks may be moved before the one that is wrong; nothing after it.
  void add_bad(std::vector<Descriptor>& list, unsigned node, unsigned owner) {
    const auto to = claim(owner, node, 4 * 64);
    if (!to) return;
    Descriptor d = rows(chance(50) ? kPush : kPull, 0, 0, 1 + below(2), 2, 128, 128);
    const bool push = (d[0] & 3) == kPush;
    d[1] = push ? landing_address(node, *to) : source_address(node, 0);
    d[2] = push ? source_ : landing_ + *to;
    switch (below(shape().dead.empty() ? 14 : 15)) {
      case 0: d[0] |= 3; break;
      case 1: d[0] |= u64{1} << (5 + below(3)); break;
      case 2: d[0] |= u64{1} << (13 + below(3)); break;
      case 3: d[0] &= ~(u64{0xFFFF} << 32); break;
      case 4: d[0] &= ~(u64{0xFFFF} << 48); break;
      case 5: d[0] = kSignal | u64{1} << (32 + below(32)); break;
      case 6: d[0] = kSignal | (chance(50) ? kSig : kMulticast); break;
      case 7: d[1] |= u64{shape().width} << 32; break;      // no such node; rows of it
      case 8: d[3] += 32; break;                            // the second row is not aligned, far away
      case 9: d[3] += u64{8} << 32; break;                  // ... here
      case 10: d[3] = 0x4000'0000 | u64{128} << 32; break;  // the second row is outside SRAM, far away
      case 11: d[3] = 128 | u64{0x4000'0000} << 32; break;  // ... here
      case 12:  // there is no memory: a port that does not exist, bits that must be 0, or a counter at the edge
        d[1] = edge_address(0, 0, 3, 0) | u64{1} << 60;
        break;
      case 13:
        d[0] = push ? d[0] | kSig : (d[0] | kMulticast);
        if (push) d[1] = landing_address(places_.size(), *to);
        break;
      default: {  // to a rectangle where nobody is alive
        const Coordinate gone = shape().dead.front();
        d = rows(kPush | kMulticast | u64{gone.x} << 16 | u64{gone.y} << 24,
                 global_address(gone.x, gone.y, landing_ + *to), source_, 2, 2, 128, 128);
        break;
      }
    }
    list.push_back(d);
    add_good(list, node, owner);
    ++bad_;
  }

  void place_lists(unsigned node) {
    Arguments arguments;
    arguments.mode = kWork;
    arguments.nodes = static_cast<u32>(places_.size());
    arguments.starts = 7;
    for (unsigned i = 0; i < places_.size(); ++i) arguments.node.at(i) = at(i);
    std::vector<Start> table;
    u64 free = lists_ + 32 * (1 + kThreads * arguments.starts);
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      const unsigned owner = kThreads * node + thread;
      u64 finished = 0;
      bool failed = false;
      // First something that is no list, so that the instruction itself traps, or an empty one.
      const bool none = chance(30);
      finished += !none;
      const u64 address = !none ? free : chance(50) ? free + 8 + 8 * below(3) : kSramBase + kSramBytes - 32 * below(2);
      const u64 count = !none ? 0 : 2;
      table.push_back({address, count | u64{thread} << 16 | u64{1} << 23, 0});
      for (unsigned i = 1; i < arguments.starts; ++i) {
        std::vector<Descriptor> list;
        const bool fails = !failed && i + 1 < arguments.starts && chance(30);
        for (u64 n = below(4); n > 0; --n) add_good(list, node, owner);
        const unsigned before = bad_;
        if (fails) add_bad(list, node, owner);
        const bool bad = bad_ != before;
        // After a bad list one that is waited for, so that the thread is told of each.
        finished += !bad;
        const bool waits = failed || chance(30) || i + 1 == arguments.starts;
        table.push_back({free, list.size() | u64{thread} << 16 | u64{1} << 23, !bad && waits ? finished : 0});
        failed = bad;
        device_.write(at(node) | free, std::as_bytes(std::span(list)));
        free += 32 * list.size() + 32 * below(2);
      }
    }
    ASSERT_LE(free, lists_ + 64 * 1024);
    device_.write(at(node) | lists_, std::as_bytes(std::span(table)));
    arguments.table = lists_;
    arguments.results = results_;
    device_.write_arguments(places_[node], std::as_bytes(std::span(&arguments, 1)));
  }

  Device& device_;
  std::mt19937_64 random_;
  std::vector<Coordinate> places_;
  std::vector<RimPort> ports_;
  u64 source_ = 0, landing_ = 0, lists_ = 0, results_ = 0, edge_source_ = 0, edge_landing_ = 0;
  std::map<std::pair<unsigned, u64>, u64> used_;
  unsigned bad_ = 0;
};

std::vector<unsigned> seeds(unsigned first, unsigned count) {
  if (const char* text = std::getenv("TATAMI_SEED")) return {static_cast<unsigned>(std::strtoul(text, nullptr, 0))};
  std::vector<unsigned> list;
  for (unsigned i = 0; i < count; ++i) list.push_back(first + i);
  return list;
}

void expect_same(const FabricShape& shape, unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + shape.text());
  const auto golden = make_golden_device({shape});
  const auto rtl_device = rtl(shape);
  Rig want(*golden, seed), got(*rtl_device, seed);
  const RunResult golden_result = want.run(), result = got.run();
  ASSERT_TRUE(golden_result.passed()) << test::describe(golden_result);
  ASSERT_TRUE(result.passed()) << test::describe(result);
  u64 told = 0;
  for (unsigned node = 0; node < shape.nodes(); ++node) {
    const Results a = want.results(node), b = got.results(node);
    EXPECT_EQ(a.traps, b.traps) << "node " << node;
    EXPECT_EQ(a.counter, b.counter) << "node " << node;
    for (const auto& traps : a.traps) {
      for (u64 i = 0; i < traps[0]; ++i) told += traps[1 + i] >> 56 == 0;
    }
  }
  EXPECT_EQ(told, want.bad());
  const auto landed = want.landed();
  EXPECT_TRUE(landed == got.landed()) << "what was moved";
  EXPECT_GT(std::ranges::count_if(landed, [](u64 word) { return word != 0; }), 50);
}

TEST(Lists, RandomOnFabrics) {
  for (const char* nodes : {"1x1", "2x2", "3x2"}) {
    for (const unsigned seed : seeds(1, 8)) {
      expect_same(parse_shape(nodes, {}), seed);
      if (HasFailure()) return;
    }
  }
}

TEST(Lists, RandomAroundDeadNodes) {
  for (const unsigned seed : seeds(20, 4)) expect_same(parse_shape("3x3", {"1,1", "0,2"}), seed);
}

// Every node's threads send a list of one multicast each, to rectangles with dead nodes inside and at their corners:
// whoever is alive and inside is counted and written to by every block of every node, nobody else by any.
TEST(Lists, MulticastsReachEveryLiveNodeOfTheirRectangles) {
  struct Rectangle {
    u64 x0, y0, x1, y1;
    bool covers(Coordinate at) const { return x0 <= at.x && at.x <= x1 && y0 <= at.y && at.y <= y1; }
  };
  const std::array<Rectangle, kThreads> rectangles = {{{0, 0, 3, 3}, {1, 1, 2, 2}, {0, 0, 1, 2}, {2, 1, 3, 3}}};
  constexpr unsigned kBlocks = 2, kRows = 3, kBytes = 64 * kBlocks * kRows;
  const FabricShape shape = parse_shape("4x4", {"0,0", "1,1", "2,1", "3,3"});
  const auto places = shape.places();
  for (const auto& device : {make_golden_device({shape}), rtl(shape)}) {
    SCOPED_TRACE(device->info().name);
    device->load_elf(test::kernel_path("test_lists"));
    const u64 source = device->allocate(kBytes), landing = device->allocate(kBytes * kThreads * places.size());
    const u64 lists = device->allocate(32 * kThreads), table = device->allocate(sizeof(Start) * kThreads);
    Arguments arguments;
    arguments.mode = kWork;
    arguments.starts = 1;
    arguments.table = table;
    arguments.results = device->allocate(sizeof(Results));
    for (const Coordinate at : places) arguments.node.at(arguments.nodes++) = global_address(at.x, at.y, 0);
    const auto sent = [](u64 node, u64 i) { return (node + 1) << 32 | i; };
    for (u64 node = 0; node < places.size(); ++node) {
      const u64 here = arguments.node.at(node);
      for (u64 i = 0; i < kBytes / 8; ++i) device->write_value(here | (source + 8 * i), sent(node, i));
      for (u64 thread = 0; thread < kThreads; ++thread) {
        const Rectangle& r = rectangles.at(thread);
        const u64 to = global_address(r.x0, r.y0, landing + kBytes * (kThreads * node + thread));
        const Descriptor multicast = rows(kPush | kMulticast | kSig | (8 + thread) << 8 | r.x1 << 16 | r.y1 << 24, to,
                                          source, kBlocks, kRows, 64 * kBlocks, 64 * kBlocks);
        device->write_value(here | (lists + 32 * thread), multicast);
        device->write_value(here | (table + sizeof(Start) * thread),
                            Start{lists + 32 * thread, 1 | thread << 16 | u64{1} << 23, 1});
      }
      device->write_arguments(places[node], std::as_bytes(std::span(&arguments, 1)));
    }
    const RunResult result = device->run({.max_cycles = 2'000'000});
    ASSERT_TRUE(result.passed()) << test::describe(result);
    for (u64 node = 0; node < places.size(); ++node) {
      const auto results = device->read_value<Results>(arguments.node.at(node) | arguments.results);
      const auto landed =
          test::fetch<u64>(*device, arguments.node.at(node) | landing, kBytes / 8 * kThreads * places.size());
      for (unsigned thread = 0; thread < kThreads; ++thread) {
        const bool covered = rectangles.at(thread).covers(places[node]);
        EXPECT_EQ(results.counter.at(8 + thread), covered ? kBlocks * kRows * places.size() : 0)
            << "node " << node << ", thread " << thread;
        for (u64 from = 0; from < places.size(); ++from) {
          for (u64 i = 0; i < kBytes / 8; ++i) {
            ASSERT_EQ(landed.at(kBytes / 8 * (kThreads * from + thread) + i), covered ? sent(from, i) : 0)
                << "node " << node << " from " << from << ", thread " << thread << ", word " << i;
          }
        }
      }
    }
  }
}

struct Measured {
  u64 list = 0, thread = 0;
};
Measured measure(const std::string& nodes, const Descriptor& descriptor, int threads) {
  const auto device = rtl(parse_shape(nodes, {}));
  device->load_elf(test::kernel_path("test_lists"));
  device->set_threads(threads);
  Arguments arguments;
  arguments.mode = kMeasure;
  arguments.nodes = 1;
  arguments.results = device->allocate(sizeof(Results));
  arguments.table = device->allocate(64);
  const u64 list = device->allocate(64);
  device->write_value(arguments.table, Start{list, 1 | u64{1} << 23, 0});
  device->write_value(list, descriptor);
  device->write_arguments(std::as_bytes(std::span(&arguments, 1)));
  const RunResult result = device->run({.max_cycles = 1'000'000});
  EXPECT_TRUE(result.passed()) << test::describe(result);
  const auto results = device->read_value<Results>(arguments.results);
  return {results.cycles[0], results.cycles[1]};
}

TEST(Lists, OneBlockACycle) {
  const u64 there = global_address(1, 0, kSramBase + 0x80000), here = kSramBase + 0x40000;
  for (const Kind kind : {kPush, kPull}) {
    const u64 few = measure("2x1", rows(kind, there, here, 16, 16, 1024, 1024), 1).list;
    const u64 many = measure("2x1", rows(kind, there, here, 16, 32, 1024, 1024), 1).list;
    std::printf("%s: 256 blocks %llu cycles, 512 blocks %llu\n", kind == kPush ? "push" : "pull",
                static_cast<unsigned long long>(few), static_cast<unsigned long long>(many));
    EXPECT_LE(many - few, 256U * 105 / 100);
    EXPECT_LE(few, 256U + 60);
  }
}

TEST(Lists, ShareTheNetworkWithThreads) {
  const u64 there = global_address(1, 0, kSramBase + 0x80000), here = kSramBase + 0x40000;
  // 2,048 blocks, while another thread pushes 256 times.
  const Descriptor descriptor = rows(kPush, there, here, 64, 32, 4096, 4096);
  const u64 alone = measure("2x1", descriptor, 1).list;
  const Measured both = measure("2x1", descriptor, 2);
  std::printf("2,048 blocks: %llu cycles alone, %llu beside 256 pushes of a thread, which take %llu\n",
              static_cast<unsigned long long>(alone), static_cast<unsigned long long>(both.list),
              static_cast<unsigned long long>(both.thread));
  // The thread gets one cycle of three at least, and costs the mover no more than it takes.
  EXPECT_LE(both.thread, 256U * 3 + 60);
  EXPECT_LE(both.list, alone + 256 + 60);
}

TEST(Lists, ErrorThatNobodyWasToldOfFailsTheRun) {
  const FabricShape shape = parse_shape("1x1", {});
  for (const auto& device : {make_golden_device({shape}), rtl(shape)}) {
    SCOPED_TRACE(device->info().name);
    device->load_elf(test::kernel_path("test_lists"));
    Arguments arguments;
    arguments.mode = kUntold;
    arguments.table = device->allocate(64);
    const u64 list = device->allocate(64);
    device->write_value(arguments.table, Start{list, 1, 0});
    device->write_value(list, rows(3, 0, 0, 1, 1, 0, 0));
    device->write_arguments(std::as_bytes(std::span(&arguments, 1)));
    const RunResult result = device->run({.max_cycles = 1'000'000});
    EXPECT_EQ(result.status, RunStatus::faulted) << test::describe(result);
    EXPECT_THAT(result.message, HasSubstr("list of transfers"));
  }
}

}  // namespace
}  // namespace tatami
