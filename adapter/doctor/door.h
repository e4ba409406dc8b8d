// The door of an institution, looked at from outside to inside: name and port, certificate, the
// FHIR server behind it, its clock, its authorization server, our token. The same for both sides.
#pragma once

#include "adapter/doctor/finding.h"
#include "adapter/peers.h"
#include "config/config.h"
#include "fhir/client/http.h"

namespace consultd::doctor {

// What is looked at, and with what; all of it outlives the look.
struct Institution {
    const fhir::Url& base;
    const config::Auth& auth;
    const config::Tls& tls;
    Peer& peer;
};

struct Tools {
    Clock& clock;
    Random& random;
    std::stop_token stop;
    fhir::Call call(Milliseconds span = std::chrono::seconds(20)) const {
        return {.deadline = Deadline::after(clock, span), .stop = stop};
    }
};

// What an error says of itself, and no more.
std::string words_of(const Error& error);

// True: what lies behind the door can be asked.
bool look_at_door(const Institution& institution, const Tools& tools, Findings& findings);

}  // namespace consultd::doctor
