// Display of care: what plans, goals, lists, visits, devices and warnings say, each with what it
// leads to. Part of display.h: nothing else asks for it.
#pragma once

#include "adapter/stages/reading/display.h"

namespace consultd {

// What is planned, each with its own status where it has one; what the plan refers to by its name,
// status and day. https://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity
std::string plan_detail(const fhir::Resource& plan, const PacketIndex& index);
std::string goal_detail(fhir::JsonView goal);
// What a group of requests asks to be done, those within others too.
std::string actions_detail(fhir::JsonView group);
// What of a list was taken out or marked, and why it is empty.
// https://hl7.org/fhir/R4/list-definitions.html
std::string list_detail(const fhir::Resource& list, const PacketIndex& index);
// "inpatient, ICU, General Hospital". What is walked into and out of says no class.
std::string visit_detail(const fhir::Resource& visit, const PacketIndex& index);
// Its kind where a brand names it, who made it, its numbers, and what it is not safe with.
std::string device_detail(fhir::JsonView device);
// How severe it is, what it is about, and what was done against it.
std::string issue_detail(const fhir::Resource& issue, const PacketIndex& index);

// What a device is called.
std::string device_name(fhir::JsonView device);

// Why a list is empty, in words: "nil known". Empty: it does not say.
std::string empty_words(fhir::JsonView list);

}  // namespace consultd
