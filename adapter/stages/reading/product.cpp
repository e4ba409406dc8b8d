#include "adapter/stages/reading/product.h"

#include <algorithm>

#include "adapter/stages/reading/amount.h"
#include "adapter/stages/reading/likeness.h"
#include "adapter/stages/reading/timing.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

// The Medication itself, or the one that a resource leads to; null: it names one by a concept.
JsonView product_of(const fhir::Resource& resource, const PacketIndex& index) {
    if (resource.type() == "Medication") return resource.json();
    return index.resolve(choice_of(resource.json(), "medication").value, resource.json());
}

bool has_words(JsonView code) {
    return !code["text"].string().empty() ||
           std::ranges::any_of(code["coding"].items(), [](const JsonView& coding) {
               return !coding["display"].string().empty();
           });
}

std::string ingredient_name(JsonView one, JsonView product, JsonView owner,
                            const PacketIndex& index) {
    JsonView substance = index.resolve(one["itemReference"], product);
    if (substance.is_null()) substance = index.resolve(one["itemReference"], owner);
    std::string name = concept_text(one["itemCodeableConcept"]);
    if (name.empty()) name = concept_text(substance["code"]);
    return name.empty() ? std::string(one["itemReference"]["display"].string()) : name;
}

// "Trastuzumab 600 mg per 5 mL + Hyaluronidase".
std::string ingredients_text(JsonView product, JsonView owner, const PacketIndex& index) {
    std::string out;
    for (const JsonView& one : product["ingredient"].items()) {
        std::string name = ingredient_name(one, product, owner, index);
        join(name, " ", ratio_words(one["strength"]));
        join(out, " + ", name);
    }
    return out;
}

// A strength that the name has already need not be said again.
bool says_strength(const std::string& name, JsonView strength) {
    const JsonView amount = strength["numerator"];
    const std::string_view unit = amount["unit"].string();
    return strength.is_null() || has_amount(lower(name), amount["value"].number(),
                                            unit.empty() ? amount["code"].string() : unit);
}

// What it holds beside its name: of one thing that it is called by, the strength alone.
std::string contents_text(const std::string& name, JsonView product, JsonView owner,
                          const PacketIndex& index) {
    const JsonView ingredients = product["ingredient"];
    const auto is_told = [&](const JsonView& one) {
        const std::string own = ingredient_name(one, product, owner, index);
        return (own.empty() || has_word(folded_name(name), folded_name(own))) &&
               says_strength(name, one["strength"]);
    };
    if (std::ranges::all_of(ingredients.items(), is_told)) return {};
    const JsonView only = first_of(ingredients);
    const std::string own = ingredient_name(only, product, owner, index);
    const bool is_called_so = ingredients.size() == 1 && (own.empty() || is_same_said(name, own));
    return is_called_so ? ratio_words(only["strength"]) : ingredients_text(product, owner, index);
}

}  // namespace

std::string medicine_name(const fhir::Resource& resource, const PacketIndex& index) {
    const Choice medication = choice_of(resource.json(), "medication");
    if (medication.type == "CodeableConcept") return whole_concept_text(medication.value);
    const JsonView product = product_of(resource, index);
    std::string text = whole_concept_text(product["code"]);
    if (!text.empty() && has_words(product["code"])) return text;
    std::string held(medication.value["display"].string());
    if (held.empty()) held = ingredients_text(product, resource.json(), index);
    if (held.empty()) return text;
    return text.empty() ? held : held + " (" + text + ")";
}

std::string product_text(const fhir::Resource& resource, const PacketIndex& index) {
    const JsonView product = product_of(resource, index);
    if (product.is_null()) return {};
    const std::string name = medicine_name(resource, index);
    std::string out = contents_text(name, product, resource.json(), index);
    if (const std::string form = concept_text(product["form"]);
        !has_word(folded_name(name), folded_name(form)))
        join(out, ", ", form);
    if (!says_strength(name, product["amount"])) join(out, ", ", ratio_words(product["amount"]));
    return out;
}

std::string supply_text(const fhir::Resource& resource) {
    const JsonView substitution = resource["substitution"];
    std::string out, replaced = concept_text(substitution["type"]);
    if (resource.type() == "MedicationRequest") {
        const Choice allowed = choice_of(substitution, "allowed");
        if (allowed.value.is_bool()) return allowed.value.is_true() ? "" : "no substitution";
        const std::string said = concept_text(allowed.value);
        return said.empty() ? said : "substitution: " + said;
    }
    if (resource.type() != "MedicationDispense") return out;
    out = quantity_text(resource["quantity"]);
    if (const std::string supply = quantity_text(resource["daysSupply"]); !supply.empty()) {
        const bool is_bare = supply.find_first_not_of("0123456789.") == std::string::npos;
        join(out, "; ", "supply for " + supply + (is_bare ? " days" : ""));
    }
    join(replaced, ", ", concepts_text(substitution["reason"]));
    if (!replaced.empty())
        join(out, "; ", "substituted: " + replaced);
    else if (substitution["wasSubstituted"].is_true())
        join(out, "; ", "substituted");
    return out;
}

}  // namespace consultd
