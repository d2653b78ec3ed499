// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A workspace with made-up profiles that went through the bulk writer and the analyses.
#pragma once

#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/profilestats.h"
#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <QTest>

#include <memory>
#include <string>
#include <vector>

namespace tailscope::testing {

/// A stack, outermost frame first ("module!function" or "function"), and its samples.
struct TestStack
{
    std::vector<std::string> frames;
    std::int64_t samples = 1;
    double weight = 0; ///< 0 = samples
};
struct TestProfile
{
    ProfileKind kind = ProfileKind::OnCpu;
    std::vector<TestStack> stacks;
    std::string name = "cpu", sampleType = "cpu", unit = "samples";
    Nanos pauseNs = 0; ///< a collector pause in the same source, 0 = none
    std::int64_t period = 0;
};

class ProfileFixture
{
public:
    /// Each profile is a source of its own.
    explicit ProfileFixture(const std::vector<TestProfile> &profiles)
    {
        auto created = store::Workspace::temporary();
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        m_workspace = std::move(*created);
        int number = 0;
        for (const TestProfile &profile : profiles)
            write(profile, ++number);
        if (const auto stats = analysis::refreshProfileStats(*m_workspace, {}); !stats)
            qFatal("%s", stats.error().toText().c_str());
    }

    store::Workspace &workspace() { return *m_workspace; }
    /// Runs the built-in rules; "rule severity subject" lines, sorted.
    std::string findings()
    {
        std::vector<Error> errors;
        const std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
        const auto outcome = advisor::runRules(*m_workspace, rules, {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        for (const Error &error : outcome->failed)
            qFatal("%s", error.toText().c_str());
        return text(
            "SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT rule_id || ' ' || severity"
            " || ' ' || subject_id AS line FROM finding ORDER BY line)");
    }
    std::string text(const std::string &sql)
    {
        auto reader = m_workspace->connectReader();
        if (!reader)
            qFatal("%s", reader.error().toText().c_str());
        const auto value = reader->text(sql);
        if (!value)
            qFatal("%s: %s", sql.c_str(), value.error().toText().c_str());
        return value->value_or("(null)");
    }

private:
    void write(const TestProfile &profile, int number)
    {
        auto writer = store::BulkWriter::create(*m_workspace,
            {"profile" + std::to_string(number), "test", std::nullopt}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        SourceInfo info;
        info.kind = SourceKind::Profile;
        (*writer)->setSource(info);
        ProfileRow head;
        head.name = profile.name;
        head.kind = profile.kind;
        head.sampleType = profile.sampleType;
        head.unit = profile.unit;
        head.period = profile.period;
        const ProfileRef ref = (*writer)->profile(head);
        for (const TestStack &stack : profile.stacks) {
            CallNodeRef node = CallNodeRef::None;
            for (const std::string &frame : stack.frames) {
                const std::size_t mark = frame.find('!');
                const std::string module = mark == std::string::npos ? std::string() : frame.substr(0, mark);
                const std::string function = mark == std::string::npos ? frame : frame.substr(mark + 1);
                node = (*writer)->callNode(ref, node, (*writer)->frame({function, module, {}, 0}));
            }
            SampleRow row;
            row.profile = ref;
            row.node = node;
            row.count = stack.samples;
            row.weight = stack.weight != 0 ? stack.weight : double(stack.samples);
            (*writer)->sample(row);
        }
        const std::int64_t source = (*writer)->sourceId();
        if (const auto finished = (*writer)->finish({}); !finished)
            qFatal("%s", finished.error().toText().c_str());
        if (const auto ready = analysis::makeReady(*m_workspace, source, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
        if (profile.pauseNs > 0) {
            auto database = m_workspace->connectWriter();
            if (!database)
                qFatal("%s", database.error().toText().c_str());
            const auto written
                = database->execute("INSERT INTO pause_raw (source_id, ts_ns, duration_ns, kind) VALUES ("
                    + std::to_string(source) + ", 1, " + std::to_string(profile.pauseNs) + ", 'gc')");
            if (!written)
                qFatal("%s", written.error().toText().c_str());
        }
    }

    std::unique_ptr<store::Workspace> m_workspace;
};

} // namespace tailscope::testing
