// What one PDF may cost, for both sides: the process that reads it and the one that waits for it.
#pragma once

#include <cstddef>

namespace consultd::pdf_limits {

inline constexpr std::size_t bytes = std::size_t{64} << 20;  // of the file
inline constexpr std::size_t text_bytes = std::size_t{8} << 20;
inline constexpr std::size_t memory_bytes = std::size_t{1} << 30;  // of address space
inline constexpr int pages = 1000;
inline constexpr int cpu_s = 5;
inline constexpr int wait_s = 20;  // by the clock on the wall, on a machine that does much else

}  // namespace consultd::pdf_limits
