// Receivers of many kinds: whatever they do, at most one copy, nothing called delivered that is not
// there, nothing called refused that is, and no record in another person's chart.
#include <gtest/gtest.h>

#include "adapter/audit/event_reader.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class ReceiversTest : public testing::HospitalPair {
protected:
    using Say = std::function<std::optional<Answer>(const fhir::HttpRequest&)>;

    static bool is_write(const fhir::HttpRequest& request) {
        return request.method == "PUT" ||
               (request.method == "POST" && !request.url.path().ends_with("/_search"));
    }
    static bool is_transaction(const fhir::HttpRequest& request) {
        return request.method == "POST" && request.url.path() == "/fhir";
    }
    static bool is_search_for(const fhir::HttpRequest& request, const std::string& type) {
        return request.url.path_and_query().find(type + "?") != std::string::npos ||
               request.url.path().ends_with(type + "/_search");
    }
    static bool is_read_of(const fhir::HttpRequest& request, const std::string& type) {
        return request.method == "GET" &&
               request.url.path().find("/" + type + "/") != std::string::npos;
    }
    Answer pass(const fhir::HttpRequest& request) {
        return destination.transport().send(request, {});
    }
    static Answer lost() { return Error(ErrorKind::Uncertain, "connection was lost"); }
    static Answer changed(const Answer& answer, const std::string& from, const std::string& to) {
        fhir::HttpResponse other = *answer;
        for (std::size_t at = 0; (at = other.body.find(from, at)) != std::string::npos;
             at += to.size())
            other.body.replace(at, from.size(), to);
        return other;
    }
    static Answer nothing_found() {
        return testing::json_answer(200, R"({"resourceType":"Bundle","type":"searchset"})");
    }
    std::string last(const std::string& type) const {
        std::string found;
        for (const auto& [key, json] : destination.resources())
            if (key.starts_with(type + "/") &&
                std::pair(key.size(), key) > std::pair(found.size(), found))
                found = key;
        return found;
    }
    // Nobody is known there, and nothing is known of it.
    void begin_anew() {
        for (const auto& [key, json] : std::map(destination.resources())) destination.erase(key);
        restart();
    }
    Learnt learnt() { return peers->destination("center")->learnt(); }
    void expect_one_copy() {
        for (const char* type : {"Patient", "Condition", "Observation", "Bundle", "Consent",
                                 "ServiceRequest", "Provenance", "Task"})
            EXPECT_EQ(destination.count_of(type), 1u) << type;
        EXPECT_EQ(destination.count_of("Binary"), 2u);
        EXPECT_EQ(destination.count_of("DocumentReference"), 2u);
    }
    std::string evidence(std::string_view what) {
        const std::vector<fhir::Json> events = audited("disclosure-outcome");
        if (events.empty()) return "";
        const fhir::JsonView entity = audit::entity_of(events.back(), "urn:consultd:transfer");
        for (const fhir::JsonView detail : entity["detail"].items())
            if (detail["type"].string() == what) return std::string(detail["valueString"].string());
        return "";
    }
};

// ---- what is seen once is not yet there

TEST_F(ReceiversTest, WhatIsDroppedBetweenTwoLooksIsNotDelivered) {
    for (const char* type : {"Observation", "Condition", "Patient"}) {
        SCOPED_TRACE(type);
        begin_anew();
        bool is_cut = true;
        destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_read_of(request, "Binary") || !std::exchange(is_cut, false))
                return std::nullopt;
            destination.erase(last(type));
            return Answer(refusal(503));
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(outcome(), "in-part");
    }
}

// ---- conditions

TEST_F(ReceiversTest, A200ForWhatIsNewProvesNoConditions) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_transaction(request)) return std::nullopt;
        return changed(pass(request), "201 Created", "200 OK");
    };
    for (int times = 0; times < 2; ++times) {
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_FALSE(learnt().honours_conditions);
    }
}

TEST_F(ReceiversTest, ConditionsAreProvenByWhatAnEarlierRequestHadStored) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_FALSE(learnt().honours_conditions);
    int sent = 0;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_transaction(request) && ++sent == 1) {
            EXPECT_TRUE(pass(request).ok());
            return lost();
        }
        const bool is_search =
            request.url.path_and_query().find("identifier=urn") != std::string::npos;
        return sent == 1 && is_search ? std::optional(nothing_found()) : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(sent, 2);
    EXPECT_EQ(destination.count_of("Task"), 2u);
    EXPECT_TRUE(learnt().honours_conditions);
}

// ---- PUT alone

TEST_F(ReceiversTest, ReceiverThatTakesPutAloneIsPutOneByOneTheTaskLast) {
    for (const int status : {403, 404, 405}) {
        SCOPED_TRACE(status);
        begin_anew();
        destination_says = [&](const fhir::HttpRequest& request) {
            return is_write(request) && request.method == "POST"
                       ? std::optional<Answer>(refusal(status))
                       : std::nullopt;
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
        expect_one_copy();
        EXPECT_EQ(evidence("way"), "one-by-one-put");
    }
}

TEST_F(ReceiversTest, DeathBetweenTwoPutsIsNoSecondCopy) {
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_write(request) && request.method == "POST" ? std::optional<Answer>(refusal(405))
                                                             : std::nullopt;
    };
    for (const char* fatal : {"pipeline.send", "pipeline.sent", "pipeline.answered"}) {
        SCOPED_TRACE(fatal);
        for (const auto& [key, json] : std::map(destination.resources())) destination.erase(key);
        ask();
        int left = 5;
        on_crash_point = [&](std::string_view point) {
            if (point == fatal && --left == 0) throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
        EXPECT_EQ(run_until(Delivered), Delivered);
        expect_one_copy();
    }
}

TEST_F(ReceiversTest, ReceiverThatTakesNothingIsHeldOrRefusedAndHasNothing) {
    for (const int status : {403, 404, 405}) {
        destination_says = [&](const fhir::HttpRequest& request) {
            return is_write(request) ? std::optional<Answer>(refusal(status)) : std::nullopt;
        };
        ask();
        EXPECT_EQ(run_until(Delivered), status == 403 ? Held : Refused);
        EXPECT_EQ(destination.count_of("Task"), 0u);
    }
}

// ---- bytes

TEST_F(ReceiversTest, BinaryThatComesBackAsItsBytesIsThere) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_read_of(request, "Binary")) return std::nullopt;
        const fhir::Json stored = testing::json_of(pass(request)->body);
        return Answer(testing::answer(
            200, std::string(stored["contentType"].string()),
            crypto::from_base64(stored["data"].string(), crypto::WhiteSpace::Skip).value()));
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
}

TEST_F(ReceiversTest, OtherBytesAreNotThere) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_read_of(request, "Binary")) return std::nullopt;
        return Answer(testing::answer(200, "application/fhir+json",
                                      R"({"resourceType":"Bundle","type":"document"})"));
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(outcome(), "in-part");
}

// ---- what cannot be asked for

TEST_F(ReceiversTest, TaskThatIsSearchedForByPostAloneIsFound) {
    for (const int status : {403, 405}) {
        destination_says = [&](const fhir::HttpRequest& request) {
            return request.method == "GET" && is_search_for(request, "Task")
                       ? std::optional<Answer>(refusal(status))
                       : std::nullopt;
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
    }
}

TEST_F(ReceiversTest, TaskThatCannotBeSearchedForIsReadWhereTheAnswerSaysThatItLies) {
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_search_for(request, "Task") ? std::optional<Answer>(refusal(403)) : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts() - count("POST", "Task/_search"), 1u - count("POST", "Task/_search"));
    expect_one_copy();
}

TEST_F(ReceiversTest, WhereNothingCanBeAskedForNothingIsSentASecondTime) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_transaction(request)) {
            EXPECT_TRUE(pass(request).ok());
            return lost();
        }
        const bool is_search = request.url.path_and_query().find("?") != std::string::npos ||
                               request.url.path().ends_with("/_search");
        return is_search && !is_search_for(request, "Patient") ? std::optional<Answer>(refusal(403))
                                                               : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "uncertain");
    expect_one_copy();
    EXPECT_EQ(outcome(), "in-part") << "the chart was found, and bears this transfer's name";
}

// ---- whose chart

class ChartTest : public ReceiversTest {
protected:
    static std::string person(const std::string& id, const char* given, const char* birth) {
        return R"({"resourceType":"Patient","id":")" + id +
               R"(","name":[{"family":"Test","given":[")" + given + R"("]}],"birthDate":")" +
               birth + R"(","gender":"female"})";
    }
    // It answers 201, and files it in the chart of that person.
    void file_into(const std::string& chart) {
        destination_says = [this,
                            chart](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_read_of(request, "Task") && !is_read_of(request, "DocumentReference"))
                return std::nullopt;
            std::string told;
            for (const auto& [key, json] : destination.resources())
                if (key.starts_with("Patient/") && key != chart) told = key;
            return changed(pass(request), "\"" + told + "\"", "\"" + chart + "\"");
        };
    }
};

TEST_F(ChartTest, ChartThatIsAnotherPersonsIsNotFiledIn) {
    struct Other {
        const char *given, *birth;
    };
    for (const Other& other : {Other{"Berta", "1980-02-03"}, Other{"Anna", "1979-01-01"}}) {
        begin_anew();
        destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_read_of(request, "Patient")) return std::nullopt;
            return Answer(testing::json_answer(
                200, person(last("Patient").substr(8), other.given, other.birth)));
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(transfer().reason, "in-another-chart");
        const fhir::Json said = audited("disclosure-outcome").back();
        EXPECT_EQ(said["outcomeDesc"].string(), "in-another-chart");
    }
}

TEST_F(ChartTest, WhatWasFiledElsewhereThanItWasToldIsDeliveredOnceItIsReadInTheRightChart) {
    destination.put(person("a-1", "Berta", "1971-01-01"));
    file_into("Patient/a-1");
    ask();
    for (int look = 0; look < 2; ++look) {  // nobody has moved it in between
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(outcome(), "in-another-chart");
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    }
    const fhir::Json where =
        testing::json_of(open_part(*store, sealer, id, Part::Delivery).value());
    EXPECT_EQ(where["charts"].items()[0].string(), "Patient/a-1");
    destination.put(person("a-1", "Anna", "1980-02-03"));
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(audited("disclosure-outcome").back()["outcomeDesc"].string(), "sent");
}

TEST_F(ChartTest, WhatWasFiledInAnotherChartOfTheSamePersonIs) {
    file_into("Patient/a-1");
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    destination.put(person("a-1", "ANNA", "1980-02-03"));
    EXPECT_EQ(run_until(Delivered), Delivered);
}

TEST_F(ChartTest, OneByOneNothingIsFiledInAChartThatIsAnotherPersons) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_transaction(request)) return Answer(refusal(405));
        if (!is_read_of(request, "Patient")) return std::nullopt;
        return Answer(
            testing::json_answer(200, person(last("Patient").substr(8), "Berta", "1980-02-03")));
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "in-another-chart");
    EXPECT_EQ(destination.count_of("Patient"), 1u);
    EXPECT_EQ(destination.count_of("Observation") + destination.count_of("Condition"), 0u);
}

// ---- what lies there twice

TEST_F(ReceiversTest, ReceiverThatDoublesIsToldOfPlainly) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_transaction(request)) return std::nullopt;
        const Answer answer = pass(request);
        for (const auto& [key, json] : std::map(destination.resources())) {
            const std::string type = key.substr(0, key.find('/'));
            if (type != "Patient")
                destination.put(json.with("id", "b-" + key.substr(type.size() + 1)).print());
            destination.offer(type, {"identifier"});
        }
        return answer;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(transfer().reason, "doubled-there");
    const std::string delivery = open_part(*store, sealer, id, Part::Delivery).value();
    for (const char* type : {"Task/b-", "DocumentReference/b-", "Bundle/b-"}) {
        EXPECT_NE(delivery.find(type), std::string::npos) << type;
        EXPECT_NE(evidence("also-there").find(type), std::string::npos) << type;
    }
    const std::string receipt = open_part(*store, sealer, id, Part::Receipt).value();
    EXPECT_NE(receipt.find("also-there"), std::string::npos);
    // It stays said.
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    step();
    EXPECT_EQ(transfer().reason, "doubled-there");
}

// ---- refusals that say little

TEST_F(ReceiversTest, BundleThatIsCalledInvalidGoesOneByOne) {
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_transaction(request) ? std::optional<Answer>(refusal(400)) : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    expect_one_copy();
    EXPECT_EQ(evidence("way"), "one-by-one");
}

// ---- what is learnt

TEST_F(ReceiversTest, WhatWasLearntOutlivesARestartAndIsForgottenAfterAMonth) {
    destination_says = [&](const fhir::HttpRequest& request) {
        return is_transaction(request) ? std::optional<Answer>(refusal(405)) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const auto refused = [&] { return count("POST", "/fhir") - count("POST", "/fhir/"); };
    const std::size_t before = refused();
    restart();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(refused(), before);
    clock.advance(std::chrono::hours(24 * 31));
    restart();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_GT(refused(), before);
}

}  // namespace
}  // namespace consultd
