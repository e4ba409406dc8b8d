// Faults: what the sandbox does wrong on demand, each a number of times and then no more. Only
// keeps the list; sandbox.cpp and interactions.cpp misbehave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::sandbox {

struct Fault {
    std::string name;
    std::string argument;
    std::uint64_t left = 1;
};

class Faults {
public:
    static constexpr std::uint64_t always = UINT64_MAX;

    // "NAME", "NAME:ARGUMENT", each with "*COUNT" at its end or "*" for always; once otherwise.
    // Config: no fault has that name.
    Status add(std::string_view text);
    void add(Fault fault) { faults_.push_back(std::move(fault)); }
    void clear() { faults_.clear(); }

    // The argument of a fault that is due now, which is then used up by one. With `argument`, only
    // a fault for exactly that one (forbid:TYPE).
    std::optional<std::string> take(std::string_view name,
                                    std::optional<std::string_view> argument = std::nullopt);

private:
    std::vector<Fault> faults_;
};

bool is_fault(std::string_view name);

}  // namespace consultd::sandbox
