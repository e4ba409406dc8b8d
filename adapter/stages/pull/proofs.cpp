#include "adapter/stages/pull/proofs.h"

#include <algorithm>
#include <map>

#include "fhir/reference.h"

namespace consultd {
namespace {

using ByType = std::map<std::string, TypeProof, std::less<>>;

// "Observation/7" → "Observation"; of an address too.
std::string type_in(std::string_view name) {
    return std::string(fhir::Reference::parse(name.substr(0, name.find_first_of(" #"))).type);
}

// Several runs of one type: what one of them lacks is lacking.
void merge(TypeProof& into, const TypeProof& more) {
    into.searches.insert(into.searches.end(), more.searches.begin(), more.searches.end());
    into.ids += more.ids;
    if (into.end == TypeEnd::Complete) into.end = more.end;
}

void add_reached(ByType& proofs, const Record& record) {
    ByType reached;
    const auto proof_of = [&](std::string_view name) -> TypeProof* {
        const std::string type = type_in(name);
        if (type.empty() || proofs.contains(type)) return nullptr;
        TypeProof& proof = reached[type];
        proof.type = type;
        proof.how = "reference";
        if (proof.end == TypeEnd::NotAsked) proof.end = TypeEnd::Complete;
        return &proof;
    };
    for (const std::string_view name : record.names())
        if (TypeProof* const proof = proof_of(name)) ++proof->ids;
    for (const Gap& gap : record.gaps)
        if (gap.what.find(" attachment ") == std::string::npos)
            if (TypeProof* const proof = proof_of(gap.what)) proof->end = end_of(gap.reason);
    proofs.merge(reached);
}

}  // namespace

std::vector<TypeProof> prove(const std::vector<TypeProof>& searched,
                             const std::vector<TypeProof>& came, const Plan& plan,
                             const Record& record) {
    ByType proofs;
    for (const TypeProof& proof : searched) {
        const auto [found, is_new] = proofs.emplace(proof.type, proof);
        if (!is_new) merge(found->second, proof);
    }
    for (const TypeProof& proof : came) proofs.emplace(proof.type, proof);
    for (const std::string& type : plan.not_offered)
        proofs.emplace(type, TypeProof{.type = type, .end = TypeEnd::NotOffered});
    for (const std::string& type : plan.not_asked)
        proofs.emplace(type, TypeProof{.type = type, .end = TypeEnd::NotAsked});
    if (!proofs.contains("Patient"))
        proofs.emplace(
            "Patient",
            TypeProof{.type = "Patient", .how = "read", .ids = 1, .end = TypeEnd::Complete});
    add_reached(proofs, record);
    std::vector<TypeProof> sorted;
    for (auto& [type, proof] : proofs) sorted.push_back(std::move(proof));
    return sorted;
}

}  // namespace consultd
