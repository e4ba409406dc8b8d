#include "adapter/memory_budget.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

namespace consultd {
namespace {

// Of this thread. A limit of 0 is none, and then nothing is counted.
constinit thread_local std::int64_t limit = 0;
constinit thread_local std::int64_t used = 0;
// The step that is counted; of each its own, 0 of none.
using Step = std::uint64_t;
constinit thread_local Step step_now = 0;
constinit std::atomic<Step> steps_begun = 0;

std::int64_t signed_of(std::uint64_t bytes) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(std::min(bytes, most));
}

#ifndef CONSULTD_SANITIZED
// At its end each block says for which step it was taken: what is given back makes room where it
// was counted, and nowhere else.
void* end_of(void* taken, std::size_t usable) {
    return static_cast<char*>(taken) + usable - sizeof(Step);
}
void mark(void* taken, std::size_t usable) {
    std::memcpy(end_of(taken, usable), &step_now, sizeof(Step));
}
bool is_of_this_step(void* taken, std::size_t usable) {
    Step step = 0;
    std::memcpy(&step, end_of(taken, usable), sizeof step);
    return step == step_now;
}

// What is needed to take a refusal back to whoever asked is given: a destructor cannot be refused.
void* take(std::size_t size, std::size_t alignment) noexcept {
    if (limit > 0 && signed_of(size) > limit - used && std::uncaught_exceptions() == 0)
        return nullptr;
    if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
    const std::size_t least = std::max<std::size_t>(size, 1) + sizeof(Step);
    void* const taken =
        alignment <= alignof(std::max_align_t)
            ? std::malloc(least)
            : std::aligned_alloc(alignment, (least + alignment - 1) & ~(alignment - 1));
    if (taken == nullptr) return nullptr;
    const std::size_t usable = ::malloc_usable_size(taken);
    mark(taken, usable);
    if (limit > 0) used += signed_of(usable);
    return taken;
}

void give_back(void* taken) noexcept {
    if (limit > 0 && taken != nullptr)
        if (const std::size_t usable = ::malloc_usable_size(taken); is_of_this_step(taken, usable))
            used -= signed_of(usable);
    std::free(taken);
}

// https://en.cppreference.com/w/cpp/memory/new/operator_new: the handler makes room, or throws.
void* take_or_throw(std::size_t size, std::size_t alignment) {
    for (;;) {
        if (void* const taken = take(size, alignment)) return taken;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}
#endif

// While it lives, what this thread takes is counted from nothing.
class Counting {
public:
    explicit Counting(std::int64_t bytes_max)
        : limit_before_(std::exchange(limit, bytes_max)),
          used_before_(std::exchange(used, 0)),
          step_before_(std::exchange(step_now, ++steps_begun)) {}
    ~Counting() {
        limit = limit_before_;
        used = used_before_;
        step_now = step_before_;
    }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

private:
    const std::int64_t limit_before_, used_before_;
    const Step step_before_;
};

}  // namespace

bool memory_is_counted() {
#ifdef CONSULTD_SANITIZED
    return false;
#else
    return true;
#endif
}

Status within_memory(std::uint64_t bytes, const std::function<Status()>& step) {
    try {
        const Counting counting(std::max<std::int64_t>(1, signed_of(bytes)));
        return step();
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {
    }
    return Error(ErrorKind::TooLarge, "the record takes more memory than the limit")
        .with("bytes", signed_of(bytes));
}

}  // namespace consultd

#ifndef CONSULTD_SANITIZED
using consultd::give_back;
using consultd::take;
using consultd::take_or_throw;

void* operator new(std::size_t size) { return take_or_throw(size, 1); }
void* operator new[](std::size_t size) { return take_or_throw(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return take(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* taken) noexcept { give_back(taken); }
void operator delete[](void* taken) noexcept { give_back(taken); }
void operator delete(void* taken, std::size_t) noexcept { give_back(taken); }
void operator delete[](void* taken, std::size_t) noexcept { give_back(taken); }
void operator delete(void* taken, std::align_val_t) noexcept { give_back(taken); }
void operator delete[](void* taken, std::align_val_t) noexcept { give_back(taken); }
void operator delete(void* taken, std::size_t, std::align_val_t) noexcept { give_back(taken); }
void operator delete[](void* taken, std::size_t, std::align_val_t) noexcept { give_back(taken); }
void operator delete(void* taken, const std::nothrow_t&) noexcept { give_back(taken); }
void operator delete[](void* taken, const std::nothrow_t&) noexcept { give_back(taken); }
void operator delete(void* taken, std::align_val_t, const std::nothrow_t&) noexcept {
    give_back(taken);
}
void operator delete[](void* taken, std::align_val_t, const std::nothrow_t&) noexcept {
    give_back(taken);
}
#endif
