// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/importreportview.h"

#include "base/text.h"
#include "items/querymodel.h"
#include "session/session.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {

const QString kIssues = QStringLiteral(
    "SELECT replace(s.path, rtrim(s.path, replace(s.path, '/', '')), '') AS source, i.severity, i.kind, "
    "i.count, i.first_offset, i.example FROM import_issue AS i"
    " JOIN source AS s ON s.id = i.source_id WHERE ?1 = 0 OR i.source_id = ?1"
    " ORDER BY CASE i.severity WHEN 'error' THEN 0 WHEN 'data_loss' THEN 1 WHEN 'notice' THEN 2 ELSE 3 END, "
    "i.count DESC");
const QString kRejects = QStringLiteral(
    "SELECT replace(s.path, rtrim(s.path, replace(s.path, '/', '')), '') AS source, r.offset, r.length, "
    "r.kind, r.reason, r.bytes FROM import_reject AS r"
    " JOIN source AS s ON s.id = r.source_id WHERE ?1 = 0 OR r.source_id = ?1 ORDER BY r.source_id, "
    "r.offset");
const QString kTotals = QStringLiteral("SELECT count(*), coalesce(sum(rows_read), 0), "
                                       "coalesce(sum(rows_skipped), 0), coalesce(sum(rows_committed), 0)"
                                       " FROM source WHERE ?1 = 0 OR id = ?1");

QTableView *table(items::QueryModel *model, const QString &name, QWidget *parent)
{
    auto *view = new QTableView(parent);
    view->setModel(model);
    view->setAccessibleName(name);
    view->setAlternatingRowColors(true);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setFrameShape(QFrame::NoFrame);
    view->setShowGrid(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() + 8);
    view->horizontalHeader()->setStretchLastSection(true);
    view->setSortingEnabled(true);
    view->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    view->setTextElideMode(Qt::ElideMiddle);
    return view;
}

} // namespace

ImportReportView::ImportReportView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_issues(new items::QueryModel(session, this))
    , m_rejects(new items::QueryModel(session, this))
    , m_totals(new items::QueryModel(session, this))
    , m_source(new QComboBox(this))
    , m_tabs(new QTabWidget(this))
    , m_issueTable(table(m_issues, tr("Issues"), this))
    , m_rejectTable(table(m_rejects, tr("Rejected rows"), this))
    , m_summary(new QLabel(this))
    , m_save(new QPushButton(tr("Save Rejects…"), this))
    , m_reimport(new QPushButton(tr("Import Mended…"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    auto *bar = new QHBoxLayout;
    m_source->setAccessibleName(tr("Source"));
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_source->setMinimumContentsLength(18);
    m_summary->setWordWrap(true);
    m_save->setToolTip(tr("Write the rejected rows of the chosen source to a file, one JSON object a line"));
    m_reimport->setToolTip(tr("Read a mended list of rejected rows as an addition to the chosen source"));
    bar->addWidget(m_source);
    bar->addWidget(m_summary, 1);
    bar->addWidget(m_save);
    bar->addWidget(m_reimport);
    layout->addLayout(bar);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_issueTable, tr("Issues"));
    m_tabs->addTab(m_rejectTable, tr("Rejected Rows"));
    layout->addWidget(m_tabs, 1);
    connect(m_source, &QComboBox::activated, this, &ImportReportView::reload);
    connect(m_save, &QPushButton::clicked, this, &ImportReportView::saveRejects);
    connect(m_reimport, &QPushButton::clicked, this, &ImportReportView::reimport);
    for (items::QueryModel *model : {m_issues, m_rejects, m_totals})
        connect(model, &items::QueryModel::finished, this, &ImportReportView::refresh);
    connect(session, &session::Session::sourcesChanged, this, [this] {
        const qint64 chosen = m_source->currentData().toLongLong();
        m_source->clear();
        m_source->addItem(tr("All sources"), 0);
        for (const store::SourceRecord &source : this->session()->sources())
            m_source->addItem(QString::fromStdString(source.path).section(QLatin1Char('/'), -1),
                qlonglong(source.id));
        m_source->setCurrentIndex(qMax(0, m_source->findData(chosen)));
        reload();
    });
    setFocusProxy(m_issueTable);
    m_source->addItem(tr("All sources"), 0);
    reload();
}

QString ImportReportView::showSql() const
{
    return QString(m_tabs->currentIndex() == 1 ? kRejects : kIssues)
        .replace(QStringLiteral("?1"), QString::number(m_source->currentData().toLongLong()));
}

QString ImportReportView::commandLine() const
{
    QString path = QString::fromStdString(session()->workspace().path().string());
    return QStringLiteral("tailscope query '%1' 'SELECT * FROM import_issue'")
        .arg(path.replace(QLatin1Char('\''), QStringLiteral("'\\''")));
}

bool ImportReportView::isReady() const
{
    return !m_issues->isRunning() && !m_rejects->isRunning() && !m_totals->isRunning();
}

void ImportReportView::reload()
{
    const QVariantList values{m_source->currentData()};
    m_issues->setQuery(kIssues, values);
    m_rejects->setQuery(kRejects, values);
    m_totals->setQuery(kTotals, values);
}

void ImportReportView::refresh()
{
    const auto grouped = [this](int column) {
        return QString::fromStdString(groupedCount(m_totals->value(0, column).toLongLong()));
    };
    if (m_totals->rowCount() > 0 && m_totals->value(0, 0).toLongLong() > 0) {
        m_summary->setText(
            tr("%1 rows in the workspace, %2 rows read, %3 skipped").arg(grouped(3), grouped(1), grouped(2)));
    } else {
        m_summary->setText(
            tr("Nothing imported yet: open a file, and what its import took and skipped stands here."));
    }
    m_tabs->setTabText(0, tr("Issues (%1)").arg(m_issues->rowCount()));
    m_tabs->setTabText(1, tr("Rejected Rows (%1)").arg(m_rejects->rowCount()));
    const bool one = m_source->currentData().toLongLong() > 0;
    for (QTableView *view : {m_issueTable, m_rejectTable}) {
        view->setColumnHidden(0, one);
        view->resizeColumnsToContents();
        if (view->model()->columnCount() > 0)
            view->setColumnWidth(0, qMin(view->columnWidth(0), 260));
    }
    const bool rejects = m_rejects->rowCount() > 0 && (one || m_source->count() == 2);
    m_save->setEnabled(rejects);
    m_reimport->setEnabled(rejects && !session()->workspace().isReadOnly());
    Q_EMIT readyChanged();
}

void ImportReportView::saveRejects()
{
    const qint64 id = m_source->currentData().toLongLong() > 0 ? m_source->currentData().toLongLong()
                                                               : m_source->itemData(1).toLongLong();
    const QString path = QFileDialog::getSaveFileName(this, tr("Save Rejects"),
        QStringLiteral("rejects.jsonl"), tr("JSON lines (*.jsonl)"));
    if (!path.isEmpty())
        session()->saveRejects(id, path);
}

void ImportReportView::reimport()
{
    const qint64 id = m_source->currentData().toLongLong() > 0 ? m_source->currentData().toLongLong()
                                                               : m_source->itemData(1).toLongLong();
    const QString path
        = QFileDialog::getOpenFileName(this, tr("Import Mended Rejects"), {}, tr("JSON lines (*.jsonl)"));
    if (!path.isEmpty())
        session()->importMended(id, path);
}

} // namespace tailscope::widgets
