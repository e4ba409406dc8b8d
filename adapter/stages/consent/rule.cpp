#include "adapter/stages/consent/rule.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace consultd::consent {
namespace {

using fhir::JsonView;

// Repeats are alternatives; a field that is there and empty, or of the wrong kind, says nothing we
// know.
template <class One>
Match any_of(JsonView field, One one) {
    if (!field.is_array() || field.size() == 0) return Match::Unknown;
    Match best = Match::No;
    for (const JsonView item : field.items()) best = std::max(best, one(item));
    return best;
}

struct FieldMatch {
    Match match = Match::Yes;
    std::string reason;
    int weight = 0;  // of several that match, the one that says most
};

// https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html
bool is_confidentiality(std::string_view code) {
    return code.size() == 1 && std::string_view("ULMNRV").find(code) != std::string_view::npos;
}

std::string label_reason(JsonView labels, RuleType type, const Content& content) {
    for (const JsonView label : labels.items()) {
        const std::string_view code = label["code"].string();
        const bool is_plain =
            !code.empty() && code.size() <= 16 &&
            std::ranges::all_of(code, [](unsigned char letter) { return std::isalnum(letter); });
        // What no permit on a matter reaches is of any other, or of none.
        if (is_plain && (type == RuleType::Permit ? is_confidentiality(code)
                                                  : match_label(label, type, content) != Match::No))
            return (is_confidentiality(code) ? "confidentiality:" : "sensitivity:") +
                   std::string(code);
    }
    return type == RuleType::Permit ? "class-not-permitted" : "sensitivity:OTHER";
}

bool is_on_content(std::string_view name) {
    return name == "class" || name == "code" || name == "dataPeriod" || name == "securityLabel" ||
           name == "data";
}

// Absent: the field is on what a resource is.
std::optional<FieldMatch> match_circumstance(std::string_view name, JsonView value,
                                             const Request& request, Instant now) {
    if (name == "period") return FieldMatch{match_period(value, now), "period", 1};
    if (name == "actor")
        return FieldMatch{any_of(value, [&](JsonView item) { return match_actor(item, request); }),
                          "actor", 2};
    if (name == "action") return FieldMatch{any_of(value, match_action), "purpose", 1};
    if (name == "purpose")
        return FieldMatch{
            any_of(value, [&](JsonView item) { return match_purpose(item, request.purpose); }),
            "purpose", 2};
    return std::nullopt;
}

FieldMatch match_field(std::string_view name, JsonView value, RuleType type,
                       const Question& question) {
    const Content& content = question.content;
    if (question.is_identity && type == RuleType::Permit && is_on_content(name)) return {};
    if (auto circumstance = match_circumstance(name, value, question.request, question.now))
        return *std::move(circumstance);
    if (name == "class")
        return {any_of(value, [&](JsonView item) { return match_class(item, type, content); }),
                type == RuleType::Deny ? "class-denied" : "class-not-permitted", 4};
    if (name == "code")
        return {any_of(value, [&](JsonView item) { return match_code(item, type, question); }),
                type == RuleType::Deny ? "code-denied" : "class-not-permitted", 6};
    if (name == "dataPeriod")
        return {
            match_parts(value, type, content.parts, match_data_period(value, type, content.times)),
            "period", 3};
    if (name == "securityLabel")
        return {any_of(value, [&](JsonView item) { return match_label(item, type, content); }),
                label_reason(value, type, content), 7};
    if (name == "data")
        return {any_of(value, [&](JsonView item) { return match_data(item, question); }),
                type == RuleType::Deny ? "instance-denied" : "class-not-permitted", 5};
    // A rule that says more than we know, cannot be decided.
    return {Match::Unknown, "undecidable", 0};
}

// `extension` may be ignored by definition; `type` and `provision` are the policy's.
bool is_no_condition(std::string_view name) {
    return name == "id" || name == "extension" || name == "type" || name == "provision";
}

}  // namespace

Match match_circumstances(JsonView provision, const Request& request, Instant now) {
    Match match = Match::Yes;
    for (const fhir::JsonMember& member : provision.members())
        if (const auto one = match_circumstance(member.name(), member.value, request, now))
            match = std::min(match, one->match);
    return match;
}

RuleMatch match_rule(JsonView provision, RuleType type, const Question& question) {
    RuleMatch result{Match::Yes, type == RuleType::Deny ? "class-denied" : "class-not-permitted"};
    int weight = -1;
    for (const fhir::JsonMember& member : provision.members()) {
        if (is_no_condition(member.name())) continue;
        FieldMatch field = match_field(member.name(), member.value, type, question);
        if (field.match < result.match) {
            result = {field.match, field.match == Match::Unknown ? "undecidable" : field.reason};
        } else if (field.match == Match::Yes && result.match == Match::Yes &&
                   field.weight > weight) {
            weight = field.weight;
            result.reason = std::move(field.reason);
        }
        if (result.match == Match::No) break;
    }
    return result;
}

}  // namespace consultd::consent
