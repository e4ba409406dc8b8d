// What can be known of a patient's own sign-in at a source before a patient signs in: where it is,
// what it offers and takes, and how we are known there. Asks for no token.
// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
#pragma once

#include "adapter/doctor/door.h"

namespace consultd::doctor {

// False: no patient can sign in there for us.
bool look_at_sign_in(const Institution& institution, const Tools& tools, Findings& findings);

}  // namespace consultd::doctor
