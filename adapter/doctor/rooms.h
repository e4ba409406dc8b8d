// What lies behind the door: at a source, what of a patient's record it hands over; at a
// destination, what it takes. Declarations are hints: what can be asked without writing is asked.
#pragma once

#include "adapter/doctor/door.h"
#include "adapter/knowledge/search_plan.h"

namespace consultd::doctor {

// `patient_id`: of a patient whom we may read, best one made for tests; empty: no record is asked
// for.
void look_at_source(const config::Source& source, Peer& peer, const SearchPlan& plan,
                    const std::string& patient_id, const Tools& tools, Findings& findings);
void look_at_destination(const config::Destination& destination, Peer& peer, const Tools& tools,
                         Findings& findings);
// Our own keys, as the other side gets them from the address that we are known by.
void look_at_our_keys(const config::Config& config, const std::string& keys, const Tools& tools,
                      Findings& findings);

}  // namespace consultd::doctor
