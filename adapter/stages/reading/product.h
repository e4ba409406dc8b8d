// Product: the medicine that an order, a dose or a statement is of: what it is called, and what
// else its record says of it: strength, form, amount. Knows no dose and no standing.
// https://hl7.org/fhir/R4/medication-definitions.html
#pragma once

#include "adapter/stages/reading/display.h"

namespace consultd {

// Its name; where no more than a code names it, what it holds, with that code. Empty: none.
std::string medicine_name(const fhir::Resource& resource, const PacketIndex& index);

// What it holds, its form and its amount, as far as its name does not say so: "25 mg per 1 capsule,
// capsule".
std::string product_text(const fhir::Resource& resource, const PacketIndex& index);

// How much was ordered or handed out, for how long, and whether another product may stand for it.
std::string supply_text(const fhir::Resource& resource);

}  // namespace consultd
