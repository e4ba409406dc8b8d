// Reach: which candidates are our patient's: those whose own words say so, and what of the shared
// types something of ours leads to, by whatever a reference may be: literal, logical, conditional,
// a canonical, or an attachment's URL. https://hl7.org/fhir/R4/references.html
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/stages/belonging/addresses.h"
#include "adapter/stages/candidates/versions.h"

namespace consultd {

class Reach {
public:
    // Outlived by it. What is led to and not there can be asked for where it is remembered.
    enum class Remember { Nothing, Addresses };
    explicit Reach(const Addresses& addresses, Remember remember = Remember::Nothing)
        : addresses_(addresses), remembers_(remember == Remember::Addresses) {}

    // One that stands. Ours and what is reached grow as more are added and `spread`.
    void add(const std::string& name, const Candidate& candidate);
    // The key of one that does not stand: a Provenance about it is not ours.
    void add_rejected(const std::string& key) { rejected_.insert(key); }
    void spread();
    bool is_reached(const std::string& name) const { return reached_.contains(name); }
    // Whether something that is reached leads to a resource of that name, which is not among them.
    bool is_wanted(const std::string& name, fhir::JsonView resource) const;

private:
    void add_names(const std::string& name, const Candidate& candidate);
    // A Binary is of whomever what it says of itself is:
    // https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext
    bool is_of_rejected(const Candidate& binary) const;
    void reach(const std::string& name);
    void look_at(fhir::JsonView json, const Candidate& from);
    void lead_to(std::string_view address);
    bool is_about_ours(const Candidate& provenance) const;

    const Addresses& addresses_;
    std::map<std::string, const Candidate*, std::less<>> standing_;        // by name
    std::map<std::string, std::vector<std::string>, std::less<>> shared_;  // address → names
    std::set<std::string, std::less<>> ours_, rejected_;                   // keys
    std::vector<std::string> provenances_;                                 // names
    std::set<std::string, std::less<>> reached_;                           // names
    std::vector<std::string> front_;
    std::set<std::string, std::less<>> led_to_;  // addresses
    bool has_binaries_ = false, remembers_;
};

}  // namespace consultd
