// SeededRandom: the same bytes for the same seed.
#pragma once

#include <cstdint>

#include "fhir/base/random.h"

namespace consultd::testing {

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
    std::string bytes(std::size_t count) override {
        std::string out(count, '\0');
        for (char& byte : out) {
            state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
            byte = static_cast<char>(state_ >> 56);
        }
        return out;
    }

private:
    std::uint64_t state_;
};

}  // namespace consultd::testing
