// Candidates: what came, from a server or from files, before it is known whether it is kept. One
// path for both: what may be kept at all, which of several contents under a name stands, what of
// the shared is reached, and what is rejected, by name and with its reason. It must not know where
// a resource came from or how.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "adapter/stages/candidates/leads.h"
#include "adapter/stages/candidates/reach.h"
#include "adapter/stages/record.h"
#include "config/config.h"

namespace consultd {

// A resource as it was brought.
struct Incoming {
    fhir::Json json;
    std::string full_url = {};  // the entry's; may be empty
    std::string place = {};     // a name of last resort; may be empty
    std::size_t file = 0;
    std::size_t position = 0;          // in its Bundle
    fhir::Json as_it_came = {};        // where `json` was brought into R4 or its shape; else null
    bool is_of_other_release = false;  // and could not be brought into R4
};
// In R4's shape (fhir::r4::reshaped), as far as nothing is lost by it.
Incoming in_shape(Incoming incoming);

// Whose what was brought is, before it was looked at.
enum class Bringer {
    Server,  // all from the one server that was asked, unless an entry says otherwise
    Files,   // from where an entry says; else from anywhere
};

class Candidates {
public:
    Candidates(Bringer bringer, PatientIdentity patient, const config::Limits& limits)
        : bringer_(bringer), whose_(std::move(patient)), limits_(limits) {}
    // Of nobody: nothing is proven, and everything that is R4 in shape is kept.
    Candidates(Bringer bringer, Addresses addresses, const config::Limits& limits)
        : bringer_(bringer), whose_(std::move(addresses)), limits_(limits) {}

    // Takes a resource in, under its "Type/id"; its fullUrl where it has no id or is another
    // server's. TooLarge: the record is over its limits.
    Status add(const Incoming& brought);
    // Bytes that an attachment's URL gave: a Binary under `name`; rejected where they are another
    // patient's resource.
    Status add_binary(std::string name, std::string full_url, const fhir::Json& binary);
    // A history says that the resource of that name is gone.
    void add_deletion(const std::string& name, const Deletion& deletion);

    const Addresses& addresses() const {
        return patient() ? patient()->addresses : std::get<Addresses>(whose_);
    }
    bool knows(std::string_view name) const { return groups_.contains(name); }
    std::size_t size() const { return groups_.size(); }  // names
    // What stands under that name now; null where nothing does. Valid until more is added to it.
    const Candidate* find(std::string_view name) const;
    // Of everything that stands now.
    void each_standing(const std::function<void(const std::string&, const Candidate&)>& use) const;
    // What is reached now.
    Reach reach(Reach::Remember remember = Reach::Remember::Nothing) const;
    // Whose everything is to be; null where nothing is proven.
    const PatientIdentity* patient() const { return std::get_if<PatientIdentity>(&whose_); }

    // Everything that came: kept, or rejected with its reason; sorted by name.
    void settle_into(Record& record) const;

private:
    struct Group {
        std::vector<Candidate> candidates;
        std::optional<Deletion> deletion;
        mutable std::vector<Settled> settled;  // empty: to be made
    };
    const std::vector<Settled>& settled(const std::string& name, const Group& group) const;
    NamesOfAnothers names_of_anothers() const;
    Candidate judge(const Incoming& incoming, const Result<fhir::Resource>& resource) const;
    std::string name_of(const Incoming& incoming);
    Status keep(const std::string& name, Candidate candidate);

    Bringer bringer_;
    std::variant<PatientIdentity, Addresses> whose_;
    config::Limits limits_;
    std::map<std::string, Group, std::less<>> groups_;
    std::uint64_t bytes_ = 0, count_ = 0;
    std::size_t nameless_ = 0;
};

// "Type/id"; for a resource without an id, of its UUID; else empty.
std::string key_of(const fhir::Resource& resource, std::string_view full_url);

}  // namespace consultd
