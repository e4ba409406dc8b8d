#include "adapter/memory_budget.h"

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
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

std::int64_t signed_of(std::uint64_t bytes) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(std::min(bytes, most));
}

#ifndef CONSULTD_SANITIZED
// What is needed to take a refusal back to whoever asked is given: a destructor cannot be refused.
void* take(std::size_t size, std::size_t alignment) noexcept {
    if (limit > 0 && signed_of(size) > limit - used && std::uncaught_exceptions() == 0)
        return nullptr;
    const std::size_t least = std::max<std::size_t>(size, 1);
    void* const taken =
        alignment <= alignof(std::max_align_t)
            ? std::malloc(least)
            : std::aligned_alloc(alignment, (least + alignment - 1) & ~(alignment - 1));
    if (limit > 0 && taken != nullptr) used += signed_of(::malloc_usable_size(taken));
    return taken;
}

// What another thread took and this one gives back counts as ours: never below nothing.
void give_back(void* taken) noexcept {
    if (limit > 0 && taken != nullptr)
        used = std::max<std::int64_t>(0, used - signed_of(::malloc_usable_size(taken)));
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
        : limit_before_(std::exchange(limit, bytes_max)), used_before_(std::exchange(used, 0)) {}
    ~Counting() {
        limit = limit_before_;
        used = used_before_;
    }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

private:
    const std::int64_t limit_before_, used_before_;
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
