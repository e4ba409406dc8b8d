// Random: where unpredictable bytes come from, passed in so that tests can repeat a run.
#pragma once

#include <cstddef>
#include <string>

namespace consultd {

class Random {
public:
    virtual ~Random() = default;
    virtual std::string bytes(std::size_t count) = 0;
};

// OpenSSL's CSPRNG.
class SystemRandom final : public Random {
public:
    std::string bytes(std::size_t count) override;
};

}  // namespace consultd
