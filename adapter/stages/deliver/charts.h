// Charts: whose charts at the destination a delivery was filed in: the new one must be of the
// person, and what is about somebody, about them. Knows nothing of how it was looked for.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/stages/deliver/evidence.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

// Of one look: all that it is given outlives it, and what it finds out is in `seen`.
class Charts {
public:
    Charts(fhir::FhirClient& client, Account& account, const IsThatPerson& is_that_person,
           const fhir::Call& call, Look& seen)
        : client_(client),
          account_(account),
          is_that_person_(is_that_person),
          call_(call),
          seen_(seen) {}

    // What was read there of an entry.
    void note(std::size_t place, fhir::JsonView resource);
    // A server that keeps one chart for several may have filed it elsewhere than it was told: into
    // another chart of the same person, or into somebody else's. Each is read.
    // What the Task is about is where the case lies.
    void compare();

private:
    void move_to(const std::string& chart, const std::vector<std::size_t>& about_it);
    void say_is_others(const std::string& chart);
    bool is_known(const std::string& chart) const;
    void miss(const std::string& chart, const std::vector<std::size_t>& about_it,
              const Error& error);
    bool is_to_be_elsewhere(const std::string& chart) const;

    fhir::FhirClient& client_;
    Account& account_;
    const IsThatPerson& is_that_person_;
    const fhir::Call& call_;
    Look& seen_;
    std::map<std::string, std::vector<std::size_t>> places_;  // what of it is about each
};

}  // namespace consultd
