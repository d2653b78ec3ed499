// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/attachment.h"
#include "session/ingest.h"
#include "store/workspace.h"
#include "tests/live/liveserver.h"

#include <QString>
#include <QTest>

#include <memory>
#include <string>
#include <vector>

namespace tailscope::tests {

/// All rows of a query as texts: '|' between columns, ';' between rows; an error as "ERROR: ...".
inline QString queryText(const store::Workspace &workspace, const std::string &sql)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return QStringLiteral("ERROR: ") + QString::fromStdString(reader.error().toText());
    auto rows = reader->prepare(sql);
    if (!rows)
        return QStringLiteral("ERROR: ") + QString::fromStdString(rows.error().toText());
    QStringList lines;
    for (;;) {
        const auto row = rows->step();
        if (!row)
            return QStringLiteral("ERROR: ") + QString::fromStdString(row.error().toText());
        if (!*row)
            return lines.join(u';');
        QStringList cells;
        for (int i = 0; i < rows->columnCount(); ++i) {
            const std::string_view text = rows->text(i);
            cells.append(QString::fromUtf8(text.data(), qsizetype(text.size())));
        }
        lines.append(cells.join(u'|'));
    }
}

/// One recording of some of the test servers, into a workspace of its own.
class Recording
{
public:
    /// Names of variables: "TS_LIVE_PRIMARY"; those with BOUNCER are consoles.
    explicit Recording(const std::vector<const char *> &names)
    {
        auto workspace = store::Workspace::temporary();
        if (!workspace)
            return;
        m_workspace = std::move(*workspace);
        std::vector<live::Target> targets;
        for (const char *name : names) {
            const bool isPooler = std::string_view(name).find("BOUNCER") != std::string_view::npos;
            auto target = live::parseTarget(LiveServer::conninfo(name),
                isPooler ? live::TargetKind::Pgbouncer : live::TargetKind::Postgres);
            if (!target) {
                m_error = target.error().toText();
                return;
            }
            targets.push_back(std::move(*target));
        }
        auto attachment = live::Attachment::start(m_workspace, std::move(targets), {});
        if (attachment)
            m_attachment = std::move(*attachment);
        else
            m_error = attachment.error().toText();
    }

    bool isRunning() const { return m_attachment != nullptr; }
    const std::string &error() const { return m_error; }
    live::Attachment &attachment() { return *m_attachment; }
    store::Workspace &workspace() { return *m_workspace; }
    live::ServerStatus status(std::size_t server = 0) const { return m_attachment->servers().at(server); }
    bool isSampling(std::size_t server = 0) const
    {
        return status(server).state == live::ServerStatus::State::Sampling && status(server).lastSampleNs > 0;
    }
    const live::ProbeStatus *probe(std::string_view id, live::ServerStatus &kept) const
    {
        kept = status();
        for (const live::ProbeStatus &one : kept.probes) {
            if (one.probe && one.probe->id == id)
                return &one;
        }
        return nullptr;
    }
    QString text(const std::string &sql) const { return queryText(*m_workspace, sql); }
    double number(const std::string &sql) const { return text(sql).toDouble(); }

    /// Runs analyses and rules over what there is so far, as a session does while it records; what went
    /// wrong.
    QString refresh(const std::vector<std::int64_t> &sources = {})
    {
        const auto refreshed = session::refresh(*m_workspace, sources, true, {});
        return refreshed ? QString() : QString::fromStdString(refreshed.error().toText());
    }
    /// Ends it, then the same.
    QString finish()
    {
        const std::int64_t source = m_attachment->recording().sourceId;
        const auto stopped = m_attachment->stop();
        return stopped ? refresh({source}) : QString::fromStdString(stopped.error().toText());
    }

private:
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<live::Attachment> m_attachment;
    std::string m_error;
};

} // namespace tailscope::tests

/// The recording has begun: every server answers.
#define TS_RECORDING_RUNS(recording, servers)                                                                \
    do {                                                                                                     \
        QVERIFY2((recording).isRunning(), (recording).error().c_str());                                      \
        for (std::size_t tsServer = 0; tsServer < std::size_t(servers); ++tsServer)                          \
            QTRY_VERIFY2_WITH_TIMEOUT((recording).isSampling(tsServer),                                      \
                (recording).status(tsServer).detail.c_str(), 60000);                                         \
    } while (false)
#define TS_FINISH(recording)                                                                                 \
    do {                                                                                                     \
        const QString tsProblem = (recording).finish();                                                      \
        QVERIFY2(tsProblem.isEmpty(), qPrintable(tsProblem));                                                \
    } while (false)
