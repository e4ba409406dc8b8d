#include "adapter/stages/consent/policy.h"

#include <algorithm>
#include <iterator>

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

RuleType type_of(JsonView provision) {
    // A nested rule without a type, or with another one, can only deny.
    return provision["type"].string() == "permit" ? RuleType::Permit : RuleType::Deny;
}

// What holds inside a rule that applies, or may apply, and by itself decides `own`.
Decision decide_inside(JsonView rule, Decision own, const Question& question) {
    bool is_surely_permitted = false;
    std::string missed;
    for (const JsonView child : rule["provision"].items()) {
        const RuleType type = type_of(child);
        const RuleMatch matched = match_rule(child, type, question);
        if (matched.match == Match::No ||
            (matched.match == Match::Unknown && type == RuleType::Permit))
            if (type == RuleType::Permit && (missed.empty() || missed == "class-not-permitted"))
                missed = matched.reason;
        if (matched.match == Match::No) continue;
        const Decision inside =
            decide_inside(child, {type == RuleType::Permit, true, matched.reason}, question);
        if (!inside.is_permitted) return inside;
        is_surely_permitted |= matched.match == Match::Yes;
    }
    if (is_surely_permitted) return {true, true, {}};
    if (!own.is_permitted && !own.is_by_rule && !missed.empty()) own.reason = missed;
    return own;
}

// A whole record in a file: no rule of ours looks into it.
bool is_record_copy(const Content& content) {
    if (content.type == "Bundle" || content.type == "Parameters") return true;
    return std::ranges::any_of(content.mime_types, [](std::string_view mime) {
        return mime.find("fhir") != std::string_view::npos ||
               mime.find("xml") != std::string_view::npos ||
               mime.find("json") != std::string_view::npos ||
               mime.find("zip") != std::string_view::npos ||
               mime.find("hl7") != std::string_view::npos;
    });
}

// The source's own copy of a patient's privacy choices says what is withheld. An advance directive
// (scope adr) and an agreement to a treatment are judged like any other resource.
bool is_privacy_consent(JsonView resource) {
    if (resource["resourceType"].string() != "Consent") return false;
    const auto codings = resource.at("scope", "coding").items();
    return std::ranges::none_of(codings, [](JsonView coding) {
        return coding["code"].string() == "adr" || coding["code"].string() == "treatment";
    });
}

}  // namespace

// With the labels that its codes stand for.
Content Policy::read_content(JsonView resource, const Content* container) const {
    Content content = content_of(resource, container);
    for (const Coded& coded : content.codings)
        std::ranges::copy(sensitivity_->labels_of(coded.system, coded.code),
                          std::back_inserter(content.implied));
    std::ranges::sort(content.implied);
    content.implied.erase(std::unique(content.implied.begin(), content.implied.end()),
                          content.implied.end());
    return content;
}

Decision Policy::decide_one(const Question& question) const {
    const Decision base{permits_, false, "class-not-permitted"};
    if (only_normal_ && is_above_normal(question.content))
        return {false, true, "confidentiality:R"};
    if (looks_at_content_ && is_record_copy(question.content)) return {false, true, "undecidable"};
    if (looks_at_content_ && is_privacy_consent(question.resource))
        return {false, true, "names-withheld"};
    if (root_.is_null()) return base;
    const RuleMatch root = match_rule(root_, RuleType::Permit, question);
    if (root.match != Match::Yes) return {false, false, root.reason};
    return decide_inside(root_, base, question);
}

Decision Policy::decide(const Json& resource, std::string_view source, std::string_view full_url,
                        const Request& request, Instant now) const {
    const Content content = read_content(resource, nullptr);
    const Decision decision = decide_one({request, now, content, source, full_url, resource});
    if (!decision.is_permitted) return decision;
    // A contained resource cannot be taken out without what holds it, so it decides for both. What
    // others share is part of its holder, unless a rule denies it.
    for (const JsonView contained : resource["contained"].items()) {
        const Content inner = read_content(contained, &content);
        const Decision inside = decide_one({request, now, inner, {}, {}, contained});
        if (!inside.is_permitted && (inside.is_by_rule || !is_shared_type(inner.type)))
            return inside;
    }
    return decision;
}

}  // namespace consultd::consent
