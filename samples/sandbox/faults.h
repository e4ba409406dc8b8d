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

// At what a fault strikes: any request; one that writes; one after a write was taken.
enum class Moment { Any, Write, Written };

struct Fault {
    std::string name;
    std::string argument;
    std::uint64_t left = 1;
    Moment moment = Moment::Any;
};

class Faults {
public:
    static constexpr std::uint64_t always = UINT64_MAX;

    // "NAME", "NAME:ARGUMENT", each with "@write" or "@written" and with "*COUNT" at its end or "*"
    // for always; once otherwise. Config: no fault has that name.
    Status add(std::string_view text);
    void add(Fault fault) { faults_.push_back(std::move(fault)); }
    void clear() { faults_.clear(); }
    // The request that is being answered.
    void at(bool is_write, bool was_written_to) {
        is_write_ = is_write;
        was_written_to_ = was_written_to;
    }

    // The argument of a fault that is due now, which is then used up by one. With `argument`, only
    // a fault for exactly that one (forbid:TYPE).
    std::optional<std::string> take(std::string_view name,
                                    std::optional<std::string_view> argument = std::nullopt);

private:
    bool is_due(const Fault& fault) const;
    std::vector<Fault> faults_;
    bool is_write_ = false, was_written_to_ = false;
};

bool is_fault(std::string_view name);
// Takes "@write" or "@written" off the name's end.
Moment take_moment(std::string_view& name);

}  // namespace consultd::sandbox
