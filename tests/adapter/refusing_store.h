// RefusingStore: another store, that refuses the next claims: another process has it, the disk is
// full.
#pragma once

#include <deque>

#include "adapter/store/store.h"

namespace consultd::testing {

class RefusingStore final : public Store {
public:
    explicit RefusingStore(Store& store) : store_(store) {}
    Result<std::optional<Lease>> claim(Instant now, Milliseconds span, const std::string& owner,
                                       const PullShares& shares,
                                       std::optional<Instant> due_by) override {
        if (!refusals.empty()) {
            const Error refusal = refusals.front();
            refusals.pop_front();
            return refusal;
        }
        return store_.claim(now, span, owner, shares, due_by);
    }
    Result<std::optional<Transfer>> create(const Transfer& t, const std::vector<SealedPart>& p,
                                           const Earlier& e,
                                           const std::optional<AskedEntry>& a) override {
        return store_.create(t, p, e, a);
    }
    Result<std::optional<Transfer>> find(const std::string& i) override { return store_.find(i); }
    Result<std::vector<Transfer>> list(const StoreFilter& f) override { return store_.list(f); }
    Result<std::map<TransferState, std::uint64_t>> count_by_state() override {
        return store_.count_by_state();
    }
    Result<std::optional<std::string>> part(const std::string& i, Part n) override {
        return store_.part(i, n);
    }
    Result<std::optional<Lease>> claim(const std::string& i, Instant n, Milliseconds s,
                                       const std::string& o) override {
        return store_.claim(i, n, s, o);
    }
    Result<std::optional<Instant>> next_due() override { return store_.next_due(); }
    Result<bool> changed_elsewhere() override { return store_.changed_elsewhere(); }
    Status bound_waits(Instant n) override { return store_.bound_waits(n); }
    Result<std::optional<Transfer>> ask_withdrawal(const std::string& i, Instant n,
                                                   const std::optional<AskedEntry>& a) override {
        return store_.ask_withdrawal(i, n, a);
    }
    Result<Renewal> renew(const Lease& l, Instant n, Milliseconds s) override {
        return store_.renew(l, n, s);
    }
    Status save(const Lease& l, const Transfer& t, const std::vector<SealedPart>& p) override {
        return store_.save(l, t, p);
    }
    Status keep_answer(const Lease& l, const std::string& n, const std::string& s) override {
        return store_.keep_answer(l, n, s);
    }
    Result<std::optional<std::string>> answer(const std::string& i, const std::string& n) override {
        return store_.answer(i, n);
    }
    Status forget_answers(const std::string& i) override { return store_.forget_answers(i); }
    Status release(const Lease& l) override { return store_.release(l); }
    Status change(TransferState e, const Transfer& t, const std::vector<SealedPart>& p,
                  const std::optional<AskedEntry>& a) override {
        return store_.change(e, t, p, a);
    }
    Status keep_part(const std::string& i, const SealedPart& p) override {
        return store_.keep_part(i, p);
    }
    Status forget(const std::string& i, const std::vector<Part>& p) override {
        return store_.forget(i, p);
    }
    Status ask_to_log(const AskedEntry& e) override { return store_.ask_to_log(e); }
    Result<std::vector<AskedEntry>> asked_to_log() override { return store_.asked_to_log(); }
    Status strike_off(const std::string& i) override { return store_.strike_off(i); }
    Result<std::uint64_t> forget(Instant b, const std::vector<Part>& p) override {
        return store_.forget(b, p);
    }
    Status keep_errand(const Errand& e) override { return store_.keep_errand(e); }
    Result<std::vector<Errand>> errands() override { return store_.errands(); }
    Status drop_errand(const std::string& t, const std::string& n) override {
        return store_.drop_errand(t, n);
    }
    Status remember_checkpoint(const std::string& n) override {
        return store_.remember_checkpoint(n);
    }
    Result<std::optional<std::string>> checkpoint() override { return store_.checkpoint(); }
    Status keep_learnt(const std::string& d, const std::string& t) override {
        return store_.keep_learnt(d, t);
    }
    Result<std::optional<std::string>> learnt(const std::string& d) override {
        return store_.learnt(d);
    }
    Status remember_key_check(const std::string& w) override {
        return store_.remember_key_check(w);
    }
    Result<std::optional<std::string>> key_check() override { return store_.key_check(); }

    std::deque<Error> refusals;  // of the next claims

private:
    Store& store_;
};

}  // namespace consultd::testing
