// Errors that a user can do something about.
#pragma once

#include <stdexcept>

namespace tatami {

/// Bad usage or bad input: the message names the file or option, what was found, what was expected and what to try.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tatami
