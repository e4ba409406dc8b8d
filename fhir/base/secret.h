// Secret: bytes that must not be printed, compared in variable time, or left behind in memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "fhir/base/result.h"

namespace consultd {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret& other);
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }

    // The only way to the bytes; easy to find in a review.
    std::string_view reveal() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }
    // In time that depends on the lengths alone.
    bool equals(std::string_view other) const;

private:
    void wipe() noexcept;
    std::string bytes_;
};

// Reads a secret from a file that only its owner may read (mode 0600 or tighter) and drops one
// trailing line end. Config: missing, not regular, readable by others, empty, or over 64 KiB.
Result<Secret> read_secret_file(const std::string& path);

}  // namespace consultd
