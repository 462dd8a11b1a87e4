#include "fabric/edge_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "fabric/routes.h"

namespace tatami::fabric {
namespace {

constexpr unsigned kPlaces = 8;      // requests that wait here, and flits in each queue of a router
constexpr unsigned kKept = 8;        // responses kept beyond those that the latency takes
constexpr unsigned kNodeCredit = 4;  // bit of the one queue that a router sees behind an outer link

// Fields of a flit, docs/network.md, section 2: position and width, within one 32-bit word each.
struct Field {
  unsigned low, width;
};
constexpr Field kDstX{0, 8}, kDstY{8, 8}, kSrcX{16, 8}, kSrcY{24, 8}, kKind{32, 4}, kThread{36, 2}, kReg{38, 5},
    kSig{43, 1}, kCtr{44, 5}, kBytes{49, 7}, kCheck{56, 8}, kOffset{64, 21}, kNext{85, 5}, kMcast{90, 1}, kEdge{91, 1},
    kMover{92, 1}, kSrcEdge{93, 1}, kSrcSide{94, 2}, kTime{96, 16}, kSide{112, 2}, kHigh{114, 11}, kPulledTo{128, 21};
constexpr unsigned kDataWord = 4;

enum Kind : std::uint32_t { kWrite = 0, kPull = 1, kAmoAdd = 2, kCas = 3, kAck = 8, kData = 9, kValue = 10 };

template <typename Flit>
std::uint32_t get(const Flit& flit, Field field) {
  return flit[field.low / 32] >> field.low % 32 & ((1U << field.width) - 1);
}
template <typename Flit>
void set(Flit& flit, Field field, std::uint32_t value) {
  const std::uint32_t mask = ((1U << field.width) - 1) << field.low % 32;
  std::uint32_t& word = flit[field.low / 32];
  word = (word & ~mask) | (value << field.low % 32 & mask);
}

// Bit k: the exclusive or of bits k, k+8, k+16 ... of the flit; 0 for a flit that is whole.
template <typename Flit>
std::uint32_t parity(const Flit& flit) {
  std::uint32_t sum = 0;
  for (const std::uint32_t word : flit) sum ^= word;
  sum ^= sum >> 16;
  return (sum ^ sum >> 8) & 255;
}

}  // namespace

EdgePort::EdgePort(const EdgeConfig& config, Coordinate at, unsigned side, Route route)
    : config_(config), at_(at), side_(side), route_(std::move(route)) {
  reset();
}

void EdgePort::reset() {
  requests_.clear();
  responses_.clear();
  place_free_ = false;
  moved_ = 0;
  asked_.clear();
  answers_.clear();
  unanswered_ = 0;
  answered_ = false;
  for (auto& places : credits_) places.fill(kPlaces);
  driven_ = {};
  use_ = {};
  error_.clear();
}

bool EdgePort::drive(std::uint64_t cycle) {
  driven_[0].credit = std::exchange(place_free_, false) ? 1U << kNodeCredit : 0;
  driven_[1].credit = std::exchange(answered_, false) ? 1U << kNodeCredit : 0;
  driven_[0].valid = driven_[1].valid = false;
  send_own(cycle);
  send(cycle);
  serve(cycle);
  return !requests_.empty() || !responses_.empty() || !asked_.empty() || place_free_ || !driven_[0].idle() ||
         !driven_[1].idle();
}

void EdgePort::finish(const rtl::Link& requests, const rtl::Link& responses) {
  for (unsigned queue = 0; queue < 5; ++queue) {
    credits_[0][queue] += requests.credit >> queue & 1;
    credits_[1][queue] += responses.credit >> queue & 1;
  }
  if (responses.valid) take(responses.flit);
  if (!requests.valid || !accept(requests.flit)) return;
  if (requests_.size() == kPlaces) throw std::logic_error("a router sends to an outer link without credit");
  requests_.push_back(requests.flit);
}

void EdgePort::ask(const Flit& request) {
  if (get(request, kMcast) != 0) throw std::invalid_argument("a request from outside the fabric is for one node");
  asked_.push_back(request);
}

void EdgePort::take(const Flit& answer) {
  if (parity(answer) != 0 || unanswered_ == 0) {
    error_ =
        fmt::format("a response {} left the fabric through port {} of node {},{}",
                    unanswered_ == 0 ? "that nobody asked for" : "with wrong parity", port_name(side_), at_.x, at_.y);
    return;
  }
  --unanswered_;
  answered_ = true;
  answers_.push_back(answer);
}

void EdgePort::send_own(std::uint64_t cycle) {
  if (asked_.empty()) return;
  Flit& flit = asked_.front();
  const unsigned way = route_({get(flit, kDstX), get(flit, kDstY)});
  if (credits_[0][way] == 0) return;
  --credits_[0][way];
  set(flit, kSrcX, at_.x);
  set(flit, kSrcY, at_.y);
  set(flit, kSrcEdge, 1);
  set(flit, kSrcSide, side_);
  set(flit, kNext, 1U << way);
  set(flit, kTime, static_cast<std::uint32_t>(cycle));
  set(flit, kCheck, 0);
  set(flit, kCheck, parity(flit));
  driven_[0].valid = true;
  driven_[0].flit = flit;
  asked_.pop_front();
  ++unanswered_;
}

// A flit that is not whole changes nothing: any of its fields may be the wrong one.
bool EdgePort::accept(const Flit& flit) {
  const auto here = [&] { return fmt::format("the memory at port {} of node {},{}", port_name(side_), at_.x, at_.y); };
  if (parity(flit) != 0) {
    error_ = fmt::format("a flit with wrong parity arrived at {}", here());
  } else if (get(flit, kEdge) == 0 || get(flit, kDstX) != at_.x || get(flit, kDstY) != at_.y ||
             get(flit, kSide) != side_) {
    error_ = fmt::format("a flit for another place arrived at {}", here());
  } else if (get(flit, kKind) > kCas) {
    error_ = fmt::format("a packet of kind {} arrived at {}", get(flit, kKind), here());
  } else {
    return true;
  }
  return false;
}

void EdgePort::send(std::uint64_t cycle) {
  if (responses_.empty() || responses_.front().due > cycle) return;
  Flit& flit = responses_.front().flit;
  const unsigned way = route_({get(flit, kDstX), get(flit, kDstY)});
  if (credits_[1][way] == 0) return;
  --credits_[1][way];
  set(flit, kNext, 1U << way);
  set(flit, kTime, static_cast<std::uint32_t>(responses_.front().due));
  set(flit, kCheck, parity(flit));
  driven_[1].valid = true;
  driven_[1].flit = flit;
  responses_.pop_front();
}

void EdgePort::serve(std::uint64_t cycle) {
  const std::uint64_t bandwidth = config_.bandwidth;
  if (requests_.empty() || moved_ >= (cycle + 1) * bandwidth || responses_.size() >= config_.latency + kKept) return;
  Response& response = responses_.emplace_back();
  moved_ = std::max(moved_, cycle * bandwidth) + perform(requests_.front(), response.flit);
  response.due = (moved_ - 1) / bandwidth + config_.latency;
  requests_.pop_front();
  place_free_ = true;
}

// Returns the bytes that it moved.
unsigned EdgePort::perform(const Flit& request, Flit& response) {
  const std::uint64_t offset = get(request, kHigh) << kOffset.width | get(request, kOffset);
  const auto* const payload = reinterpret_cast<const std::uint8_t*>(&request[kDataWord]);
  auto* const answer = reinterpret_cast<std::uint8_t*>(&response[kDataWord]);
  response = {};
  set(response, kDstX, get(request, kSrcX));
  set(response, kDstY, get(request, kSrcY));
  set(response, kSrcX, at_.x);
  set(response, kSrcY, at_.y);
  set(response, kSrcEdge, 1);
  set(response, kSrcSide, side_);
  set(response, kThread, get(request, kThread));
  set(response, kReg, get(request, kReg));
  set(response, kMover, get(request, kMover));
  ++use_.requests;
  switch (get(request, kKind)) {
    case kWrite: {
      // The payload stands as the bytes stand in their block of 64.
      const unsigned bytes = get(request, kBytes);
      memory_.write(offset, payload + offset % 64, bytes);
      set(response, kKind, kAck);
      use_.bytes_written += bytes;
      return bytes;
    }
    case kPull:
      memory_.read(offset, answer, 64);
      set(response, kKind, kData);
      set(response, kSig, get(request, kSig));
      set(response, kCtr, get(request, kCtr));
      set(response, kOffset, get(request, kPulledTo));
      use_.bytes_read += 64;
      return 64;
    default: {
      std::uint64_t old = 0, operand = 0, compare = 0;
      memory_.read(offset, &old, 8);
      std::memcpy(&operand, payload, 8);
      std::memcpy(&compare, payload + 8, 8);
      const bool adds = get(request, kKind) == kAmoAdd;
      const std::uint64_t value = adds ? old + operand : operand;
      if (adds || old == compare) memory_.write(offset, &value, 8);
      std::memcpy(answer, &old, 8);
      set(response, kKind, kValue);
      use_.bytes_read += 8;
      use_.bytes_written += 8;
      return 8;
    }
  }
}

}  // namespace tatami::fabric
