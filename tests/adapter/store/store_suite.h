// StoreTest: what every Store promises, run on each implementation. An implementation registers
// itself with INSTANTIATE_TEST_SUITE_P and a factory of places to keep its state in.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "adapter/store/store.h"
#include "tests/support/fake_clock.h"

namespace consultd {

// A place that outlives the stores opened on it: a file, a database.
class StorePlace {
public:
    virtual ~StorePlace() = default;
    // Opens the store, again after the one before is gone.
    virtual Result<std::unique_ptr<Store>> open() = 0;
    // All bytes that the place holds on disk.
    virtual std::string bytes() const = 0;
};

struct StoreFactory {
    std::string name;
    std::function<std::unique_ptr<StorePlace>()> make;
};

class StoreTest : public ::testing::TestWithParam<StoreFactory> {
protected:
    static constexpr Milliseconds span{60'000};

    void SetUp() override {
        place_ = GetParam().make();
        reopen();
    }
    void reopen() {
        store_.reset();
        auto opened = place_->open();
        ASSERT_TRUE(opened.ok()) << opened.error().message();
        store_ = std::move(*opened);
    }
    Transfer transfer(const std::string& id) const {
        Transfer transfer;
        transfer.id = id;
        transfer.source = "general";
        transfer.destination = "cancer-center";
        transfer.patient_pseudonym = "pseudonym-of-" + id;
        transfer.created = transfer.updated = transfer.due = clock_.now();
        return transfer;
    }
    Transfer create(const std::string& id, const std::vector<SealedPart>& parts = {}) {
        const Transfer made = transfer(id);
        const auto known = store_->create(made, parts);
        EXPECT_TRUE(known.ok()) << (known.ok() ? "" : known.error().message());
        EXPECT_FALSE(known.ok() && *known);
        return made;
    }
    Lease claim(const std::string& id) {
        const auto lease = store_->claim(id, clock_.now(), span, "worker");
        EXPECT_TRUE(lease.ok() && lease->has_value());
        return lease.ok() && *lease ? **lease : Lease{};
    }
    std::string claimed_id() {
        const auto lease = store_->claim(clock_.now(), span, "worker");
        EXPECT_TRUE(lease.ok());
        return lease.ok() && *lease ? (*lease)->transfer.id : "";
    }
    Status save(const Lease& lease, TransferState state,
                const std::vector<SealedPart>& parts = {}) {
        Transfer next = lease.transfer;
        next.state = state;
        next.updated = clock_.now();
        return store_->save(lease, next, parts);
    }
    // Brings a new transfer to an end.
    void create_ended(const std::string& id, const std::vector<SealedPart>& parts) {
        create(id, parts);
        const Lease lease = claim(id);
        ASSERT_TRUE(save(lease, TransferState::Failed).ok());
        ASSERT_TRUE(store_->release(lease).ok());
    }
    std::string part(const std::string& id, Part part) {
        const auto found = store_->part(id, part);
        EXPECT_TRUE(found.ok());
        return found.ok() && *found ? **found : "(absent)";
    }
    TransferState state_of(const std::string& id) { return (*store_->find(id))->state; }
    static void expect_conflict(const Status& status) {
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().kind(), ErrorKind::Conflict) << status.error().message();
    }

    testing::FakeClock clock_;
    std::unique_ptr<StorePlace> place_;
    std::unique_ptr<Store> store_;
};

}  // namespace consultd
