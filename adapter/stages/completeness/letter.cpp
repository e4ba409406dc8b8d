#include "adapter/stages/completeness/letter.h"

#include <algorithm>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/person.h"

namespace consultd {
namespace {

// Why it is asked for; empty for what is here.
StaticText why_asked(const ChecklistItem& item) {
    switch (item.state) {
        case ItemState::Found:
        case ItemState::NoneKnown:
            return "";
        case ItemState::Old:
            return "a newer one, if there is one";
        case ItemState::Undated:
            return "one whose date is known";
        case ItemState::Preliminary:
            return "the final one; what is here is preliminary";
        case ItemState::ReportOnly:
            return "the images or slides themselves; their report is here";
        case ItemState::DoneOnly:
            return "its report; that it was done is here";
        case ItemState::NamedInText:
            return "the result itself; it is no more than named in a text";
        case ItemState::NotHandedOver:
            return "it was not handed over";
        case ItemState::NotFound:
            return "not found in what was handed over";
    }
    return "";
}

// Nobody has to ask for what is kept for after the opinion.
bool follows_by_itself(const ChecklistItem& item) {
    return item.gap != nullptr && item.gap->reason.view() == "first-opinion-sealed";
}

std::string name_or(std::string_view name, std::string_view other) {
    return std::string(name.empty() ? other : name);
}

}  // namespace

std::string letter_for(const std::vector<ChecklistItem>& items, const Request& request,
                       std::string_view who) {
    std::string list;
    for (const ChecklistItem& item : items) {
        const StaticText why = why_asked(item);
        if (why.view().empty() || follows_by_itself(item)) continue;
        list.append("- ").append(item.row->title).append(": ").append(why.view());
        if (item.state == ItemState::DoneOnly && !item.newest.empty())
            list.append(", on ").append(date_text(item.newest));
        if (!item.row->where.empty())
            list.append(" (probably with ").append(item.row->where) += ')';
        list += '\n';
    }
    if (list.empty()) return list;
    return "To: " + name_or(request.source_name, "the institution that holds the record") +
           "\n\nPlease send the following records of " + std::string(who) + " to " +
           name_or(request.destination_name, "the institution that gives the second opinion") +
           ", for a second opinion that the patient asked for:\n\n" + list +
           "\nWhat there is none of, please say so. Packet " + request.transfer_id + ", " +
           date_text(format_date_time(request.as_of)) + ".\n";
}

std::string who_of(const fhir::Resource& patient, Instant as_of) {
    std::string who = current_name(patient.json(), as_of);
    if (who.empty()) who = "a patient whose name is not recorded";
    join(who, ", born ", date_text(patient["birthDate"].string()));
    return who;
}

}  // namespace consultd
