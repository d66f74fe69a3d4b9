"""The steps of the journey, one module and one public function each."""
