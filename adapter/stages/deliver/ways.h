// Ways: how a packet goes to its destination: as one transaction, as several where its limits ask
// for it, or one resource after the other where it takes no transactions. One rule serves all: the
// next request has what is not there yet, in the order in which entries depend on each other, the
// Task last, so that nobody sees half a case as a case. Pure but for send_request().
// https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/http.html#create
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/deliver/account.h"
#include "adapter/stages/deliver/deliver.h"

namespace consultd {

struct DeliveryRequest {
    std::string method = "POST";
    std::string path;  // below the base; empty: the base itself, and a transaction goes there
    std::string body;
    std::vector<std::size_t> places;  // of the entries that are in it
    std::vector<std::size_t> puts;    // of those, under an id of ours
    bool has_conditions = false;
    std::string condition;  // If-None-Exist, of one that goes alone
};
// What refers to something that lies there refers to it where it lies; what refers to something
// that comes later keeps its identifier. `places` is empty when all is there. Unsupported: one
// entry, or with the method `transaction` all of them, are larger than the destination takes.
Result<DeliveryRequest> next_request(const fhir::Json& transaction, const Account& account);

// What the destination answered to one entry.
struct EntryAnswer {
    int status = 0;
    std::string location;  // "Type/id"; empty where it says none of the entry's type
    std::string issue;
};
// Sends it once. Ok: an answer for each entry, in their order; those that are not 2xx were not
// taken. Uncertain: read back before anything else. Any other error: the destination refused all of
// it, by what it says.
Result<std::vector<EntryAnswer>> send_request(fhir::FhirClient& client,
                                              const DeliveryRequest& request,
                                              const Account& account, const fhir::Call& call);

// How the first request goes, by what the destination says of itself.
void choose_way(Account& account, const config::Deliver& settings,
                const DestinationCapability& capability);
// How to go on after a refusal of which nothing is there; false: there is no other way.
bool find_another_way(Account& account);

}  // namespace consultd
