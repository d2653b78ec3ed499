// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/sourcesview.h"

#include "base/text.h"
#include "session/livesession.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {

enum Column { Name, State, Rows, Size, ColumnCount };

QString stateText(const store::SourceRecord &source)
{
    switch (source.state) {
    case store::SourceState::Importing:
        return SourcesView::tr("interrupted");
    case store::SourceState::Recording:
        return SourcesView::tr("recording");
    case store::SourceState::Complete:
        return source.duplicateOf ? SourcesView::tr("same as %1").arg(*source.duplicateOf)
                                  : SourcesView::tr("complete");
    case store::SourceState::Cancelled:
        return SourcesView::tr("cancelled");
    case store::SourceState::Broken:
        return SourcesView::tr("broken");
    }
    return {};
}

bool isInterrupted(const store::SourceRecord &source)
{
    return source.state == store::SourceState::Importing || source.state == store::SourceState::Cancelled
        || source.state == store::SourceState::Broken;
}

} // namespace

SourcesView::SourcesView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_stack(new QStackedWidget(this))
    , m_tree(new QTreeWidget(this))
    , m_footer(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_footer);
    m_footer->setMargin(4);
    m_footer->setWordWrap(true);
    auto *empty = new EmptyState(this);
    empty->setContent(QStringLiteral("source"), tr("No Sources"),
        tr("Open files or drop them anywhere in the window."), tr("Open…"));
    connect(empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    m_stack->addWidget(empty);
    m_stack->addWidget(m_tree);
    m_tree->setColumnCount(ColumnCount);
    m_tree->setHeaderLabels({tr("Source"), tr("State"), tr("Rows"), tr("Size")});
    m_tree->setRootIsDecorated(false);
    m_tree->setAlternatingRowColors(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setAccessibleName(tr("Sources"));
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(Name, QHeaderView::Stretch);
    m_tree->setTextElideMode(Qt::ElideMiddle);
    connect(m_tree, &QTreeWidget::customContextMenuRequested, this, &SourcesView::showMenu);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem *item) {
        if (item)
            context()->setSelection(
                {session::Selection::Kind::Source, item->data(0, Qt::UserRole).toLongLong(), {}});
    });
    connect(session, &session::Session::sourcesChanged, this, &SourcesView::refresh);
    connect(session->live(), &session::LiveSession::statusChanged, this, &SourcesView::countRecording);
    connect(context(), &session::SessionContext::selectionChanged, this, &SourcesView::followSelection);
    setFocusProxy(m_tree);
    refresh();
}

QString SourcesView::showSql() const
{
    return QStringLiteral("SELECT id, path, format, kind, state, bytes, rows_committed, rows_skipped, clock, "
                          "timezone FROM source"
                          " ORDER BY id");
}

QString SourcesView::commandLine() const
{
    QString path = QString::fromStdString(session()->workspace().path().string());
    return QStringLiteral("tailscope sources '%1'")
        .arg(path.replace(QLatin1Char('\''), QStringLiteral("'\\''")));
}

void SourcesView::refresh()
{
    const Theme theme(palette());
    const qint64 current = currentSource();
    const QSignalBlocker quiet(m_tree);
    m_tree->clear();
    for (const store::SourceRecord &source : session()->sources()) {
        const QString path = QString::fromStdString(source.path);
        auto *item = new QTreeWidgetItem(m_tree);
        item->setData(0, Qt::UserRole, qlonglong(source.id));
        item->setText(Name, path.section(QLatin1Char('/'), -1));
        item->setText(State, stateText(source));
        item->setText(Rows, QString::fromStdString(groupedCount(source.rowsCommitted)));
        if (source.bytes > 0) // a recording was read from no file
            item->setText(Size, QString::fromStdString(humanBytes(quint64(source.bytes))));
        item->setTextAlignment(Rows, Qt::AlignRight | Qt::AlignVCenter);
        item->setTextAlignment(Size, Qt::AlignRight | Qt::AlignVCenter);
        QString tip = tr("%1\nFormat %2, kind %3, clock %4")
                          .arg(path, QString::fromStdString(source.format),
                              QString::fromStdString(source.kind), QString::fromStdString(source.clock));
        if (!source.timezone.empty())
            tip += tr(", time zone %1").arg(QString::fromStdString(source.timezone));
        if (source.rowsSkipped > 0)
            tip += tr("\n%1 rows skipped: see the import report")
                       .arg(QString::fromStdString(groupedCount(source.rowsSkipped)));
        for (int c = 0; c < ColumnCount; ++c)
            item->setToolTip(c, tip);
        if (isInterrupted(source)) {
            item->setIcon(State, themedIcon(QStringLiteral("warning")));
            item->setForeground(State, theme.warning());
        } else if (source.rowsSkipped > 0) {
            item->setIcon(State, themedIcon(QStringLiteral("info")));
        }
        if (source.id == current)
            m_tree->setCurrentItem(item);
    }
    for (const int c : {int(State), int(Rows), int(Size)})
        m_tree->resizeColumnToContents(c);
    m_stack->setCurrentIndex(m_tree->topLevelItemCount() > 0 ? 1 : 0);
    countRecording();
    followSelection();
}

/// The list is read when a source comes or ends; what a recording has by now is told beside it.
void SourcesView::countRecording()
{
    const live::RecordingStatus &recording = session()->live()->recording();
    std::int64_t bytes = 0, rows = 0;
    for (const store::SourceRecord &source : session()->sources()) {
        bytes += std::max<std::int64_t>(source.bytes, 0);
        rows += source.id == recording.sourceId ? std::max(recording.rows, source.rowsCommitted)
                                                : source.rowsCommitted;
    }
    for (int row = 0; row < m_tree->topLevelItemCount(); ++row) {
        QTreeWidgetItem *item = m_tree->topLevelItem(row);
        if (recording.rows > 0 && item->data(0, Qt::UserRole).toLongLong() == recording.sourceId)
            item->setText(Rows, QString::fromStdString(groupedCount(recording.rows)));
    }
    // Comes several times a second: a width the user chose is only made wider.
    const int width = m_tree->columnWidth(Rows);
    m_tree->resizeColumnToContents(Rows);
    if (m_tree->columnWidth(Rows) < width)
        m_tree->setColumnWidth(Rows, width);
    m_footer->setText((m_tree->topLevelItemCount() == 1 ? tr("1 source")
                                                        : tr("%1 sources").arg(m_tree->topLevelItemCount()))
        + QStringLiteral(" · %1 · ").arg(QString::fromStdString(humanBytes(quint64(bytes))))
        + tr("%1 rows").arg(QString::fromStdString(groupedCount(rows))));
    m_footer->setVisible(m_tree->topLevelItemCount() > 0);
}

void SourcesView::followSelection()
{
    const session::Selection chosen = context()->selection();
    if (chosen.kind != session::Selection::Kind::Source || chosen.id == currentSource())
        return;
    const QSignalBlocker quiet(m_tree);
    for (int row = 0; row < m_tree->topLevelItemCount(); ++row) {
        QTreeWidgetItem *item = m_tree->topLevelItem(row);
        if (item->data(0, Qt::UserRole).toLongLong() != chosen.id)
            continue;
        m_tree->setCurrentItem(item);
        m_tree->scrollToItem(item);
    }
}

qint64 SourcesView::currentSource() const
{
    const QTreeWidgetItem *item = m_tree->currentItem();
    return item ? item->data(0, Qt::UserRole).toLongLong() : 0;
}

void SourcesView::showMenu(const QPoint &position)
{
    QTreeWidgetItem *item = m_tree->itemAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (item) {
        const qint64 id = item->data(0, Qt::UserRole).toLongLong();
        for (const store::SourceRecord &source : session()->sources()) {
            if (source.id != id)
                continue;
            const QString path = QString::fromStdString(source.path);
            if (isInterrupted(source)) {
                menu->addAction(tr("Resume Import"), this, [this, id] { session()->resumeSource(id); });
                menu->addAction(tr("Keep What Is There"), this, [this, id] { session()->keepPartial(id); });
            }
            menu->addAction(tr("Show Import Report"), this,
                [this] { Q_EMIT openViewRequested(QStringLiteral("report")); });
            menu->addAction(tr("Align Clock…"), this,
                [this, id] { Q_EMIT commandRequested(QStringLiteral("align"), QString::number(id)); });
            if (source.kind == "trace")
                menu->addAction(tr("State &Sampling…"), this,
                    [this, id] { Q_EMIT commandRequested(QStringLiteral("sampling"), QString::number(id)); });
            menu->addAction(tr("Copy Path"), this, [path] { QApplication::clipboard()->setText(path); });
            menu->addSeparator();
            menu->addAction(themedIcon(QStringLiteral("cancel")), tr("Remove from Workspace…"), this,
                [this, id, path] {
                    auto *box = new QMessageBox(QMessageBox::Question, tr("Remove Source"),
                        tr("Remove %1 and all its rows from the workspace? The file itself stays.").arg(path),
                        QMessageBox::NoButton, this);
                    box->setAttribute(Qt::WA_DeleteOnClose);
                    QPushButton *remove = box->addButton(tr("Remove"), QMessageBox::DestructiveRole);
                    box->addButton(tr("Keep"), QMessageBox::RejectRole);
                    connect(remove, &QPushButton::clicked, this, [this, id] { session()->removeSource(id); });
                    box->open();
                });
        }
    }
    menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_tree->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
