//! The classes as tables.

use super::*;
use crate::formats::FormatError;

const TABLE: &str = include_str!("../../samples/wmi-products.csv");

#[test]
fn products_of_several_machines_are_read_from_a_table() {
    assert!(recognizes_csv(TABLE));
    let outcome = outcome(read_csv, TABLE);
    check_products(&outcome);
    assert_eq!(outcome.reports[4].licenses[0].evaluation_end, None);
    let first = outcome.skipped.first.unwrap();
    assert_eq!(outcome.skipped.count, 1, "{first}");
    assert!(first.starts_with("line 8: this is no date"), "{first}");
}

#[test]
fn a_table_may_have_the_delimiter_of_any_region_and_say_no_type() {
    let untyped = TABLE.split_once("\r\n").unwrap().1;
    for delimiter in [b',', b';', b'\t'] {
        let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        for record in ::csv::ReaderBuilder::new().has_headers(false).from_reader(untyped.as_bytes()).records() {
            writer.write_record(&record.unwrap()).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        assert!(recognizes_csv(&text), "{text}");
        check_products(&outcome(read_csv, &text));
    }
}

#[test]
fn a_row_that_may_be_cut_is_never_believed() {
    let head = "Name,LicenseStatus,GracePeriodRemaining\n";
    let malformed = |rows: &str| {
        let outcome = outcome(read_csv, &format!("{head}{rows}"));
        let error = outcome.result.unwrap_err();
        assert!(matches!(error, FormatError::Malformed { .. }), "{rows}");
        (outcome.reports.len(), error.to_string())
    };
    let no_end = "the last row has no line end, and may be cut".to_owned();
    assert_eq!(malformed("a,1,100\nb,1,10"), (1, format!("line 3: {no_end}")));
    assert_eq!(malformed("a,1,100\r\nb,1"), (1, format!("line 3: {no_end}")));
    let (reports, error) = malformed("a,1,100\n\"b,1,10\nc,1,10\n");
    assert_eq!((reports, error.starts_with("line 3: it ends in the middle")), (1, true), "{error}");
    let (reports, _) = malformed("\"a \"\"quoted\"\"\",1,100\n\"b\"\"\n");
    assert_eq!(reports, 1);
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_passed_over() {
    let text = "\r\n \"Name\" ; licensestatus;GracePeriodRemaining\r\n\r\na;1;5\r\nb;1\r\n\"c;\"\"d\"\"\r\ne\";1;7\r\nf;1;7;8\r\n";
    assert!(recognizes_csv(text));
    let table = outcome(read_csv, text);
    assert_eq!(table.result, Ok(()));
    let products: Vec<_> = table.reports.iter().map(|report| report.licenses[0].product.as_deref().unwrap()).collect();
    assert_eq!(products, ["a", "c;\"d\"  e"]);
    assert_eq!(table.skipped.first.as_deref(), Some("line 5: too few fields: b;1"));
    // Where its first line comes again a second table may be of another machine.
    let twice = outcome(read_csv, &format!("{text}Name;LicenseStatus;GracePeriodRemaining\r\na;1;5\r\n"));
    assert_eq!(twice.reports, []);
}

#[test]
fn other_tables_are_not_taken_for_one_of_wmi() {
    for text in ["", "\n", "a,b\n1,2\n", "Name,Id\n", "#TYPE x", "FullyQualifiedDomainName,Sku,LicenseStatus\n", "{}"] {
        assert!(!recognizes_csv(text), "{text}");
    }
    assert_eq!(outcome(read_csv, "Name,LicenseStatus\r\n").result, Err(FormatError::Empty));
}

#[test]
fn a_table_may_be_cut_anywhere() {
    assert_cut_anywhere(read_csv, TABLE);
}

proptest! {
    #[test]
    fn no_text_makes_a_table_fail(text in ".{0,200}", like in "(ID|Name|LicenseStatus|[,;\"\n\r\t1a#-]){0,60}") {
        for text in [&text, &like] {
            recognizes_csv(text);
            outcome(read_csv, text);
        }
    }
}
