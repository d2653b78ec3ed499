// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/progressline.h"

#include "base/text.h"
#include "session/job.h"

#include <QElapsedTimer>
#include <QTextStream>

#include <algorithm>

#include <unistd.h>

namespace tailscope::app {

namespace {

constexpr qint64 kRefreshMs = 200;

struct Phase
{
    std::string name;
    QElapsedTimer begun, shown;
};

} // namespace

QString progressLine(const ProgressUpdate &update, qint64 phaseElapsedMs)
{
    QString line = QString::fromStdString(update.phase);
    if (update.total > 0)
        line += QStringLiteral(" %1 %").arg(100 * std::min(update.done, update.total) / update.total);
    if (update.rows > 0) {
        const double perSecond = double(update.rows) * 1000 / double(std::max<qint64>(1, phaseElapsedMs));
        line += QStringLiteral(", %1 rows, %2 rows/s")
                    .arg(QString::fromStdString(groupedCount(std::int64_t(update.rows))),
                        QString::fromStdString(groupedCount(std::int64_t(perSecond))));
    }
    session::JobInfo job;
    job.done = update.done;
    job.total = update.total;
    job.elapsedMs = phaseElapsedMs;
    if (const qint64 left = job.remainingMs(); left >= 0)
        line += QStringLiteral(", %1 left").arg(QString::fromStdString(humanMillis(double(left))));
    return line;
}

Progress terminalProgress()
{
    Progress progress;
    if (!isatty(STDERR_FILENO))
        return progress;
    auto phase = std::make_shared<Phase>();
    phase->shown.start();
    progress.report = [phase](const ProgressUpdate &update) {
        // Rate and remaining time are of the phase under way, not of the whole call.
        if (phase->name != update.phase || !phase->begun.isValid()) {
            phase->name = update.phase;
            phase->begun.start();
        }
        if (phase->shown.elapsed() < kRefreshMs)
            return;
        phase->shown.restart();
        QTextStream(stderr) << "\r\033[K" << progressLine(update, phase->begun.elapsed());
    };
    return progress;
}

void endTerminalProgress()
{
    if (isatty(STDERR_FILENO))
        QTextStream(stderr) << "\r\033[K";
}

} // namespace tailscope::app
