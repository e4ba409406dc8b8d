// gzip (RFC 1952) on zlib, of answers and of what must be small: complete, checked, and within a
// limit, or an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

// Unavailable: cut short, damaged, or followed by other bytes, so that asking again may help.
// TooLarge: more than `bytes_max` come out.
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

// As small as it gets; the same bytes each time.
std::string gzip(std::string_view bytes);

// gunzip(), piece by piece, in bounded memory. Errors as gunzip().
class Gunzip {
public:
    explicit Gunzip(std::uint64_t bytes_max);
    ~Gunzip();
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;
    // What comes out of the piece goes to `take`, whose error is the result.
    Status feed(std::string_view compressed, const std::function<Status(std::string_view)>& take);
    // After the last piece.
    Status finish() const;

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    std::uint64_t left_;
};

}  // namespace consultd::fhir
