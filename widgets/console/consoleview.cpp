// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/console/consoleview.h"

#include "base/text.h"
#include "items/querymodel.h"
#include "items/savetext.h"
#include "widgets/base/theme.h"
#include "widgets/console/sqledit.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {
constexpr qsizetype kMaxHistory = 100;
}

ConsoleView::ConsoleView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_edit(new SqlEdit(this))
    , m_model(new items::QueryModel(session, this))
    , m_schema(new items::QueryModel(session, this))
    , m_table(new QTableView(this))
    , m_status(new QLabel(this))
    , m_run(new QPushButton(tr("Run"), this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
    , m_save(new QPushButton(tr("Save CSV…"), this))
    , m_historyButton(new QPushButton(tr("History"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->setSpacing(4);
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    auto *left = new QWidget(splitter);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {m_run, m_cancel, m_historyButton, m_save})
        buttons->addWidget(button);
    buttons->addStretch();
    leftLayout->addWidget(m_edit, 1);
    leftLayout->addLayout(buttons);
    splitter->addWidget(left);
    splitter->addWidget(m_table);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setChildrenCollapsible(false);
    layout->addWidget(splitter, 1);
    layout->addWidget(m_status);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_status->setWordWrap(true);
    m_run->setToolTip(tr("Run the statement at the cursor (Ctrl+Enter)"));
    m_table->setModel(m_model);
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->setAlternatingRowColors(true);
    m_table->setAccessibleName(tr("Result"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    connect(m_table, &QTableView::customContextMenuRequested, this, &ConsoleView::showMenu);
    connect(m_edit, &SqlEdit::runRequested, this, &ConsoleView::run);
    connect(m_run, &QPushButton::clicked, this, &ConsoleView::run);
    connect(m_cancel, &QPushButton::clicked, m_model, &items::QueryModel::cancel);
    connect(m_save, &QPushButton::clicked, this, &ConsoleView::saveCsv);
    connect(m_historyButton, &QPushButton::clicked, this, &ConsoleView::showHistory);
    connect(m_model, &items::QueryModel::finished, this, &ConsoleView::refresh);
    connect(m_schema, &items::QueryModel::finished, this, &ConsoleView::loadSchema);
    m_schema->setQuery(QStringLiteral(
                           "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c"
                           " WHERE m.type = 'view' OR m.name NOT LIKE '%\\_raw' ESCAPE '\\'"),
        {}, true);
    setFocusProxy(m_edit);
    refresh();
}

QString ConsoleView::showSql() const { return m_edit->currentStatement(); }

QString ConsoleView::commandLine() const
{
    QString path = QString::fromStdString(session()->workspace().path().string());
    QString sql = m_edit->currentStatement();
    const auto shellQuoted = [](QString text) {
        return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("'\\''"))
            + QLatin1Char('\'');
    };
    return QStringLiteral("tailscope query %1 %2").arg(shellQuoted(path), shellQuoted(sql));
}

void ConsoleView::setSql(const QString &sql)
{
    m_edit->setPlainText(sql);
    run();
}

QJsonObject ConsoleView::saveState() const
{
    return {{QStringLiteral("text"), m_edit->toPlainText()},
        {QStringLiteral("history"), QJsonArray::fromStringList(m_history)}};
}

void ConsoleView::restoreState(const QJsonObject &state)
{
    m_edit->setPlainText(state.value(QStringLiteral("text")).toString());
    m_history.clear();
    for (const auto &value : state.value(QStringLiteral("history")).toArray())
        m_history << value.toString();
    if (state.value(QStringLiteral("run")).toBool()) // only asked for by hand, for a picture of the result
        run();
}

bool ConsoleView::isReady() const { return !m_model->isRunning(); }

void ConsoleView::run()
{
    const QString sql = m_edit->currentStatement();
    if (sql.isEmpty())
        return;
    m_history.removeAll(sql);
    m_history.prepend(sql);
    m_history = m_history.mid(0, kMaxHistory);
    m_model->setQuery(sql);
    refresh();
}

void ConsoleView::refresh()
{
    const bool running = m_model->isRunning();
    m_run->setEnabled(!running);
    m_cancel->setEnabled(running);
    m_save->setEnabled(!running && m_model->rowCount() > 0);
    QPalette colours = palette();
    if (running) {
        m_status->setText(tr("Running…"));
    } else if (!m_model->error().isEmpty()) {
        colours.setColor(QPalette::WindowText, Theme(palette()).critical());
        m_status->setText(m_model->error());
    } else if (m_model->columnCount() > 0) {
        m_status->setText(
            tr("%1 rows in %2%3")
                .arg(QString::fromStdString(groupedCount(m_model->rowCount())),
                    QString::fromStdString(humanMillis(double(m_model->milliseconds()))),
                    m_model->isTruncated()
                        ? tr(" (only the first rows are shown: add a LIMIT or save from the command line)")
                        : QString()));
        m_table->resizeColumnsToContents();
        for (int c = 0; c < m_model->columnCount(); ++c)
            m_table->setColumnWidth(c, qMin(m_table->columnWidth(c), 420));
    } else {
        m_status->setText(tr(
            "Views such as span, trace, plan_node, series and finding can be read; nothing can be changed."));
    }
    m_status->setPalette(colours);
    if (!running)
        Q_EMIT readyChanged();
}

void ConsoleView::loadSchema()
{
    QStringList words;
    for (int row = 0; row < m_schema->rowCount(); ++row)
        words << m_schema->value(row, 0).toString() << m_schema->value(row, 1).toString();
    m_edit->setWords(words);
}

void ConsoleView::saveCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save Result"), QStringLiteral("result.csv"),
        tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    const QString problem = items::saveText(path, m_model->toText(QLatin1Char(',')));
    if (!problem.isEmpty()) {
        m_status->setText(tr("The result could not be saved: %1. Choose another folder.").arg(problem));
        return;
    }
    m_status->setText(tr("Saved %1").arg(path));
}

void ConsoleView::showHistory()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const QString &sql : std::as_const(m_history))
        menu->addAction(sql.simplified().left(100), this, [this, sql] { m_edit->setPlainText(sql); });
    if (m_history.isEmpty())
        menu->addAction(tr("No statement was run yet"))->setEnabled(false);
    menu->popup(m_historyButton->mapToGlobal(QPoint(0, m_historyButton->height())));
}

void ConsoleView::showMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QModelIndex index = m_table->indexAt(position);
    if (index.isValid()) {
        menu->addAction(tr("Copy Cell"), this, [this, index] {
            QApplication::clipboard()->setText(m_model->value(index.row(), index.column()).toString());
        });
    }
    menu->addAction(tr("Copy Rows as TSV"), this, [this] {
        QApplication::clipboard()->setText(
            m_model->toText(QLatin1Char('\t'), m_table->selectionModel()->selectedIndexes()));
    });
    menu->addAction(tr("Copy Rows as CSV"), this, [this] {
        QApplication::clipboard()->setText(
            m_model->toText(QLatin1Char(','), m_table->selectionModel()->selectedIndexes()));
    });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
