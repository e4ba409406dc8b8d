#include "adapter/order.h"

#include "hospital_pair.h"

namespace consultd {
namespace {

class OrderTest : public testing::HospitalPair {
protected:
    Result<PlacedOrder> place() {
        return place_order(order, Actor::operator_named("it-desk"), config, sealer, clock, random);
    }
    ErrorKind refusal_of_it() {
        const auto placed = place();
        EXPECT_FALSE(placed.ok());
        return placed.ok() ? ErrorKind::Cancelled : placed.error().kind();
    }
};

TEST_F(OrderTest, ComesBackAsItWasAsked) {
    order.specialty = "oncology";
    ask();
    const Order back = load_order(PartReader(*store, sealer, id), transfer()).value();
    EXPECT_EQ(back.source, "general");
    EXPECT_EQ(back.destination, "center");
    EXPECT_EQ(back.patient_id, "anna");
    EXPECT_EQ(back.question, order.question);
    EXPECT_EQ(back.specialty, "oncology");
    EXPECT_EQ(back.purpose, "TREAT");
    EXPECT_EQ(back.consent.print(), order.consent.print());
}

TEST_F(OrderTest, WhatIsStoredShowsNeitherPatientNorQuestion) {
    order.patient_id = "anna-maria-1971";
    const PlacedOrder placed = place().value();
    EXPECT_EQ(placed.transfer.patient_pseudonym.find("anna"), std::string::npos);
    ASSERT_EQ(placed.parts.size(), 2u);
    for (const SealedPart& part : placed.parts)
        for (const char* plain : {"anna-maria", "second line", "Consent", "Patient"})
            EXPECT_EQ(part.bytes.find(plain), std::string::npos) << name_of(part.part) << plain;
}

TEST_F(OrderTest, PseudonymIsThePatientsAtThisSource) {
    const std::string first = place()->transfer.patient_pseudonym;
    EXPECT_EQ(place()->transfer.patient_pseudonym, first);
    order.patient_id = "berta";
    EXPECT_NE(place()->transfer.patient_pseudonym, first);
    order.patient_id = "anna";
    config.sources["other"] = config.sources.at("general");
    order.source = "other";
    EXPECT_NE(place()->transfer.patient_pseudonym, first);
}

TEST_F(OrderTest, PartPutElsewhereDoesNotOpen) {
    ask();
    const std::string first = id;
    const std::string consent_bytes = store->part(first, Part::Consent).value().value();
    ask();
    const Lease lease = claim();
    ASSERT_TRUE(store
                    ->save(lease, lease.transfer,
                           {{Part::Consent, consent_bytes}, {Part::Ledger, consent_bytes}})
                    .ok());
    EXPECT_TRUE(open_part(*store, sealer, first, Part::Consent).ok());
    for (const Part part : {Part::Consent, Part::Ledger, Part::Opinion})
        EXPECT_EQ(open_part(*store, sealer, id, part).error().kind(), ErrorKind::Corrupt)
            << name_of(part);
    EXPECT_FALSE(load_order(PartReader(*store, sealer, id), transfer()).ok());
}

TEST_F(OrderTest, BadOrdersAreNotTaken) {
    const Order good = order;
    const auto with = [&](auto change) {
        order = good;
        change(order);
        return refusal_of_it();
    };
    EXPECT_EQ(with([](Order& o) { o.source = "none"; }), ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.destination = "general"; }), ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.patient_id = "../Patient"; }), ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.patient_id = ""; }), ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.consent = {}; }), ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.consent = testing::json_of(R"({"resourceType":"Task"})"); }),
              ErrorKind::Malformed);
    EXPECT_EQ(with([](Order& o) { o.question = std::string(10'001, 'x'); }), ErrorKind::TooLarge);
    EXPECT_EQ(with([](Order& o) { o.specialty = std::string(101, 'x'); }), ErrorKind::TooLarge);
    for (const char* text : {"a\x01", "a\xff", "\xf0\x80\x80\x80", "\xed\xa0\x80", "a\x7f"}) {
        EXPECT_EQ(with([&](Order& o) { o.question = text; }), ErrorKind::Malformed);
        EXPECT_EQ(with([&](Order& o) { o.specialty = text; }), ErrorKind::Malformed);
        EXPECT_EQ(with([&](Order& o) { o.patient_value = text; }), ErrorKind::Malformed);
    }
    order = good;
    order.question = "Two lines:\r\n\twelche Behandlung \xe2\x80\x93 und wann?";
    EXPECT_TRUE(place().ok());
    order.question = std::string(10'000, 'x');
    EXPECT_TRUE(place().ok());
}

}  // namespace
}  // namespace consultd
