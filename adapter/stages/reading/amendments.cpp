#include "adapter/stages/reading/amendments.h"

#include <array>
#include <unordered_map>

namespace consultd {
namespace {

using fhir::JsonView;

struct Row {
    std::string_view code;  // of relatesTo, or the last part of an extension's URL
    StaticText says, is;    // of the later one, of the earlier one
    Standing earlier;
};
constexpr std::array<Row, 7> rows = {
    {{"replaces", "replaces ", "replaced by that of ", Standing::Superseded},
     {"appends", "adds to ", "added to by that of ", Standing::Fact},
     {"transforms", "another form of ", "also in another form, of ", Standing::Fact},
     {"signs", "signs ", "signed by that of ", Standing::Fact},
     {"diagnosticReport-replaces", "replaces ", "replaced by that of ", Standing::Superseded},
     {"observation-replaces", "replaces ", "replaced by that of ", Standing::Superseded},
     {"diagnosticReport-addendumOf", "addendum to ", "has an addendum of ", Standing::Fact}}};

const Row* row_of(std::string_view code) {
    for (const Row& row : rows)
        if (row.code == code) return &row;
    return nullptr;
}

struct Link {
    const Row* row;
    JsonView target;
};
std::vector<Link> links_of(const fhir::Resource& one) {
    constexpr std::string_view core = "http://hl7.org/fhir/StructureDefinition/";
    std::vector<Link> out;
    for (const JsonView& relation : one["relatesTo"].items()) {
        const JsonView target = relation["target"];
        out.push_back({row_of(relation["code"].string()),
                       target.is_null() ? relation["targetReference"] : target});
    }
    for (const JsonView& extension : one["extension"].items())
        if (const std::string_view url = extension["url"].string(); url.starts_with(core))
            if (const Row* row = row_of(url.substr(core.size())))
                out.push_back({row, extension["valueReference"]});
    return out;
}

std::string date_of(const Statement& one) {
    return one.when.is_empty() ? "a date that is not recorded" : when_text(one.when);
}

}  // namespace

void relate_what_was_amended(std::vector<Statement>& statements, const PacketIndex& index) {
    std::unordered_map<const PacketResource*, Statement*> by_record;
    for (Statement& one : statements) by_record.emplace(one.record, &one);
    for (Statement& later : statements) {
        if (later.has(Standing::InError)) continue;
        for (const Link& link : links_of(later.resource())) {
            if (!link.row) continue;
            const auto found = by_record.find(index.find(link.target["reference"].string()));
            if (found == by_record.end()) {
                const std::string_view name = link.target["display"].string();
                later.add({Standing::Fact,
                           std::string(link.row->says.view()) +
                               (name.empty() ? "another, which is not here" : std::string(name))});
                continue;
            }
            Statement& earlier = *found->second;
            if (&earlier == &later) continue;
            // What is not final yet replaces nothing.
            const bool counts = later.places().newest;
            later.add({Standing::Fact,
                       std::string(link.row->says.view()) + "that of " + date_of(earlier)});
            earlier.add({counts ? link.row->earlier : Standing::Fact,
                         std::string(link.row->is.view()) + date_of(later)});
        }
    }
}

}  // namespace consultd
