"""Jupyter's own conformance tests, every one of them: what is not set is skipped, and conftest.py fails what is skipped."""

import jupyter_kernel_test as jkt


class KernelConformance(jkt.KernelTests):
    kernel_name = "mlcourse"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    completion_samples = [{"text": "std::collections::HashM"}]
    complete_code_samples = ["let x = 1;", "6*7", "fn f() {}", ":vars"]
    incomplete_code_samples = ["fn f() {", "let x = (1,", '"open', "/* open"]
    invalid_code_samples = ["fn fn", "let x = );"]
    code_generate_error = "let x: i32 = true;"
    code_execute_result = [{"code": "6*7", "result": "42"}]
    code_display_data = [
        {"code": 'display(&MimeBundle::text("x").with("image/svg+xml", "<svg/>"));', "mime": "image/svg+xml"}
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6?7*"
    code_inspect_sample = "Vec"
    code_clear_output = "clear_output();"
    code_page_something = ":doc Vec"


class IopubWelcome(jkt.IopubWelcomeTests):
    kernel_name = "mlcourse"
    support_iopub_welcome = True
