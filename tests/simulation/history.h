// History: what happened in one simulated world, in order. One seed gives one history: its digest
// says whether two runs were the same, its last events are what a person reads after a failure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace consultd::simulation {

// The process is gone, in the middle of whatever it did: thrown through the product, which must
// need no farewell.
struct Died {};

// A promise was broken.
struct Violation {
    std::string promise, what;
};

// What decides everything that a world leaves open: the same numbers for the same seed.
// https://prng.di.unimi.it/splitmix64.c
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    // Both included.
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
    }
    // 0: never; 1: always.
    bool once_in(std::uint64_t times) { return times != 0 && below(times) == 0; }
    template <typename List>
    const auto& one_of(const List& list) {
        return list[below(std::size(list))];
    }

private:
    std::uint64_t state_;
};

class History {
public:
    // `aloud`: every event is printed when it happens.
    explicit History(bool aloud) : aloud_(aloud) {}
    void tell(std::int64_t at_ms, std::string event);
    [[noreturn]] void violated(std::string promise, std::string what) const {
        throw Violation{std::move(promise), std::move(what)};
    }
    std::uint64_t digest() const { return digest_; }
    std::string last_events() const;

private:
    static constexpr std::size_t kept = 60;
    const bool aloud_;
    std::deque<std::string> events_;
    std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

}  // namespace consultd::simulation
