// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that exports what is shown.
#include "app/mainwindow.h"
#include "base/text.h"
#include "report/exportselection.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QStatusBar>

namespace tailscope::app {

void MainWindow::exportSelection()
{
    if (!m_session)
        return;
    const session::SessionContext *context = m_session->context();
    const bool isNarrowed = context->range() || !context->filter().isEmpty();
    const bool hasTrace = context->selection().kind == session::Selection::Kind::Trace;
    auto *box = new QMessageBox(QMessageBox::Question, tr("Export Selection"),
        isNarrowed ? tr("Export every trace with a span in the range that passes the filter, as a small "
                        "workspace or as OTLP JSON lines?")
                   : tr("No range and no filter is set: export all traces?"),
        QMessageBox::NoButton, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setObjectName(QStringLiteral("exportSelectionBox"));
    auto *keep = new QCheckBox(tr("&Keep literals of SQL, queries of URLs and secrets"), box);
    box->setCheckBox(keep);
    QPushButton *all = box->addButton(tr("&Export…"), QMessageBox::AcceptRole);
    connect(all, &QPushButton::clicked, this, [this, keep] { runExport(false, keep->isChecked()); });
    if (hasTrace) {
        QPushButton *one = box->addButton(tr("Only the Selected &Trace…"), QMessageBox::AcceptRole);
        connect(one, &QPushButton::clicked, this, [this, keep] { runExport(true, keep->isChecked()); });
    }
    box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(all);
    box->open();
}

void MainWindow::runExport(bool onlySelectedTrace, bool keepLiterals)
{
    const QString workspaceFilter = tr("Tailscope workspaces (*.tailscope)");
    const QString otlpFilter = tr("OTLP JSON lines (*.otlp.jsonl)");
    QString chosen = workspaceFilter;
    QString target = QFileDialog::getSaveFileName(this, tr("Export Selection"), QDir::homePath(),
        workspaceFilter + QStringLiteral(";;") + otlpFilter, &chosen);
    if (target.isEmpty() || !m_session)
        return;
    if (!report::isExportTarget(target.toStdString()))
        target += chosen == otlpFilter ? QStringLiteral(".otlp.jsonl") : QStringLiteral(".tailscope");
    const session::SessionContext *context = m_session->context();
    report::ExportOrder order;
    order.keepLiterals = keepLiterals;
    const qint64 trace = onlySelectedTrace ? context->selection().id : 0;
    if (!onlySelectedTrace) {
        order.range = context->range();
        order.filter = context->filter();
    }
    const auto workspace = m_session->workspacePtr();
    const std::string path = target.toLocal8Bit().toStdString();
    m_session->jobs()->start<report::ExportOutcome>(
        this, tr("Exporting %1").arg(target.section(QLatin1Char('/'), -1)),
        [workspace, order, trace, path](const Progress &progress) mutable -> Result<report::ExportOutcome> {
            if (trace != 0) {
                auto reader = workspace->connectReader();
                if (!reader)
                    return tl::unexpected(std::move(reader.error()));
                auto key = reader->prepare("SELECT trace_key FROM trace WHERE id = ?");
                if (!key)
                    return tl::unexpected(std::move(key.error()));
                key->bind(0, std::int64_t(trace));
                const auto row = key->step();
                if (!row)
                    return tl::unexpected(row.error());
                order.traceKeys.emplace_back(*row ? key->text(0) : std::string_view());
            }
            return report::exportSelection(*workspace, order, path, progress);
        },
        [this, target](Result<report::ExportOutcome> outcome) {
            m_bannerView.clear();
            if (!outcome)
                m_banner->show(widgets::Banner::Level::Warning,
                    QString::fromStdString(outcome.error().toText()));
            else
                statusBar()->showMessage(tr("%1: %2 traces, %3 spans")
                                             .arg(target,
                                                 QString::fromStdString(groupedCount(outcome->traces)),
                                                 QString::fromStdString(groupedCount(outcome->spans))),
                    10'000);
        });
}

} // namespace tailscope::app
