#include "adapter/offer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/statement.h"
#include "adapter/stages/reading/when.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using enum Offered::Standing;

constexpr std::pair<Offered::Standing, std::string_view> standings[] = {
    {Open, "open"}, {Possible, "possible"}, {Unread, "unread"}, {Stays, "stays"}};

using Addresses = std::map<std::string, std::string, std::less<>>;  // of Binaries → their sources

// With the word without which it would be said to be so: refuted, cancelled, planned.
Offered named(const PacketResource& one, const PacketIndex& index, const std::string& patient,
              Instant as_of) {
    const When when = when_of(one.resource, as_of);
    const std::string aside = statement_of(one, index, patient, as_of).aside();
    std::string name = item_text(one.resource, index);
    if (!aside.empty()) name.append(" (").append(aside).append(")");
    return {.source = one.source,
            .name = std::move(name),
            .date = when.doubt == When::Doubt::None ? std::string(when.date) : std::string()};
}

// The Binaries that its attachments lead to.
void add_bytes(JsonView value, const Addresses& binaries, std::vector<std::string>& out) {
    for (const JsonView item : value.items()) add_bytes(item, binaries, out);
    for (const fhir::JsonMember& member : value.members()) {
        if (member.name() == "url")
            if (const auto found = binaries.find(member.value.string()); found != binaries.end())
                out.push_back(found->second);
        add_bytes(member.value, binaries, out);
    }
}

Offered::Standing standing_of(const Consented::Withheld& one) {
    if (one.reason == "class-not-permitted" || one.reason == "period" ||
        one.reason == "instance-denied")
        return Open;
    const bool only_possible =
        !one.betrays.empty() && std::ranges::all_of(one.betrays, [](const auto& sign) {
            return sign.level == Sensitivity::Level::Possible;
        });
    if (only_possible && (one.reason.starts_with("sensitivity:") || one.reason == "undecidable"))
        return Possible;
    return one.reason == "undecidable" ? Unread : Stays;
}

}  // namespace

Result<Offers> offer_of(const Record& record, const Json& consent, const Request& request,
                        const Knowledge& knowledge, const Budget& budget) {
    TRY_ASSIGN(Normalized normalized, normalize(record, budget));
    std::string patient;
    for (const PacketResource& one : normalized.resources)
        if (one.source == record.patient) patient = one.full_url;
    Addresses binaries;
    for (const PacketResource& one : normalized.resources)
        if (one.resource.type() == "Binary") binaries.emplace(one.full_url, one.source);
    TRY_ASSIGN(const Consented consented,
               apply_consent(consent, request, record.patient, std::move(normalized.resources),
                             request.as_of, knowledge.sensitivity, budget));
    const PacketIndex index(consented.resources);
    Offers offer;
    for (const PacketResource& one : consented.resources)
        if (one.resource.type() != "Binary") {
            offer.push_back(named(one, index, patient, request.as_of));
            add_bytes(one.resource.json(), binaries, offer.back().bytes);
        }
    std::set<std::string, std::less<>> unread_bytes;
    for (const Consented::Withheld& one : consented.withheld)
        if (one.resource.type() == "Binary" && one.reason == "undecidable")
            unread_bytes.insert(one.source);
    for (const Consented::Withheld& one : consented.withheld) {
        if (one.resource.type() == "Binary") continue;
        Offered item = named({one.source, one.source, one.resource}, index, patient, request.as_of);
        item.standing = standing_of(one);
        item.reason = one.reason;
        add_bytes(one.resource.json(), binaries, item.bytes);
        // What is withheld with its bytes is so because nobody could read them.
        const bool follows_its_bytes = std::ranges::any_of(
            item.bytes, [&](const std::string& source) { return unread_bytes.contains(source); });
        if (follows_its_bytes && item.standing == Stays && one.betrays.empty())
            item.standing = Unread;
        offer.push_back(std::move(item));
    }
    return offer;
}

std::string text_of(const Offers& offer) {
    std::vector<Json> items;
    for (const Offered& one : offer) {
        std::vector<Json> bytes(one.bytes.begin(), one.bytes.end());
        const auto word = std::ranges::find(standings, one.standing,
                                            &std::pair<Offered::Standing, std::string_view>::first);
        items.push_back(Json::object({{"source", one.source},
                                      {"name", one.name},
                                      {"date", one.date},
                                      {"standing", word->second},
                                      {"bytes", Json::array(std::move(bytes))},
                                      {"reason", one.reason}}));
    }
    return Json::array(std::move(items)).print();
}

Offers offer_in(std::string text) {
    Offers offer;
    const std::size_t bytes_max = text.size() + 1;
    const Result<Json> json = Json::parse(std::move(text), {.bytes_max = bytes_max});
    if (!json) return offer;
    for (const JsonView item : json->items()) {
        const auto word =
            std::ranges::find(standings, item["standing"].string(),
                              &std::pair<Offered::Standing, std::string_view>::second);
        Offered one{.source = std::string(item["source"].string()),
                    .name = std::string(item["name"].string()),
                    .date = std::string(item["date"].string()),
                    .standing = word == std::end(standings) ? Stays : word->first};
        one.reason = item["reason"].string();
        for (const JsonView source : item["bytes"].items()) one.bytes.emplace_back(source.string());
        offer.push_back(std::move(one));
    }
    return offer;
}

}  // namespace consultd
